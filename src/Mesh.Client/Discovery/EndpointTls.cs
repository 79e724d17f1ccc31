namespace Mesh.Client.Discovery;

/// <summary>Whether and how an endpoint speaks TLS to members: <see cref="MeshMetadata.Tls"/>.</summary>
internal enum EndpointTls
{
    /// <summary>Plaintext only, as far as is known.</summary>
    None,

    /// <summary>Both.</summary>
    Permissive,

    /// <summary>TLS only: a plaintext connection would be cut off.</summary>
    Strict,
}
