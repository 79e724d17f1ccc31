namespace Mesh.AspNetCore;

/// <summary>How Consul learns whether this instance is well.</summary>
public enum MeshCheckKind
{
    /// <summary>
    /// The process reports every <see cref="MeshServerOptions.Heartbeat"/>; silence makes it critical.
    /// </summary>
    Ttl,

    /// <summary>
    /// The agent requests <see cref="MeshServerOptions.CheckPath"/> over plain HTTP. The agent has no client
    /// certificate: the listener must answer without one.
    /// </summary>
    Http,
}
