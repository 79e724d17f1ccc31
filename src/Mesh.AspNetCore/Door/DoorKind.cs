namespace Mesh.AspNetCore.Door;

/// <summary>What kind of connection it is to the mesh.</summary>
internal enum DoorKind
{
    /// <summary>Not the mesh's: the application's own HTTPS, a plain port, a socket.</summary>
    Exempt,

    /// <summary>Plaintext, on an endpoint where TLS of the mesh is offered or may be.</summary>
    Plaintext,

    /// <summary>TLS of the mesh.</summary>
    Tls,
}
