namespace Mesh.Policy;

/// <summary>To whom a document applies.</summary>
public enum PolicyScope
{
    /// <summary>Every service of the mesh.</summary>
    Global,

    /// <summary>Calls to one service.</summary>
    Service,

    /// <summary>Calls made by one service; switches only.</summary>
    Caller,
}
