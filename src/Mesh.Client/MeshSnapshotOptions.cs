namespace Mesh.Client;

/// <summary>The snapshot of endpoints and policy that lets a process start while Consul is down.</summary>
public sealed class MeshSnapshotOptions
{
    /// <summary>Default true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>The folder. Default: <c>mesh</c> in the user's folder for local application data.</summary>
    public string? Folder { get; set; }

    /// <summary>An older snapshot is not used, 1 min to 30 days. Default 24 h.</summary>
    public TimeSpan MaxAge { get; set; } = TimeSpan.FromHours(24);
}
