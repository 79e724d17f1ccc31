namespace Mesh.Client.Hosting;

/// <summary>Whether a client of the factory uses the mesh.</summary>
internal enum MeshClientMode
{
    /// <summary>Unless its primary handler has something the mesh cannot honour.</summary>
    Automatic,

    /// <summary>Whatever its primary handler is.</summary>
    Forced,

    /// <summary>Not at all.</summary>
    Removed,
}
