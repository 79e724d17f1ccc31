namespace Mesh.Client.Pipeline;

/// <summary>The snapshot on disk: what this process last believed. Holds no keys and no tokens.</summary>
internal sealed record SnapshotDocument
{
    /// <summary>Raised when an older reader must not go on; members may be added without.</summary>
    public const int CurrentSchema = 1;

    public int Schema { get; init; }

    public string Mesh { get; init; } = "";

    public string Service { get; init; } = "";

    public DateTimeOffset WrittenAt { get; init; }

    /// <summary>Endpoints by service.</summary>
    public Dictionary<string, SnapshotService> Services { get; init => field = value ?? []; } = [];

    public SnapshotPolicy? Policy { get; init; }

    /// <summary>
    /// Services that were seen with TLS, in order. They never age: time that passes must not make a call less secure.
    /// </summary>
    public string[] SeenWithTls { get; init => field = value ?? []; } = [];

    /// <summary>Who may call this service; does not age either.</summary>
    public SnapshotIntentions? Intentions { get; init; }
}
