namespace Mesh.Policy;

/// <summary>
/// One event of the desk's stream (server-sent events). <see cref="Hash"/> is also the event's id: a client that
/// reconnects sends it as <c>Last-Event-ID</c> and gets a heartbeat instead of a snapshot when nothing changed.
/// </summary>
public sealed record PolicyEvent
{
    /// <summary>See <see cref="WireSchema.Current"/>.</summary>
    public int Schema { get; init; } = WireSchema.Current;

    /// <summary>What the event says.</summary>
    public required PolicyEventType Type { get; init; }

    /// <summary>The mesh's name.</summary>
    public required string Mesh { get; init; }

    /// <summary>The Consul datacenter the documents were read in.</summary>
    public required string Datacenter { get; init; }

    /// <summary>
    /// <see cref="PolicySnapshotWire.HashOf(IEnumerable{PolicyDocumentWire})"/> of what the client holds after this
    /// event; when it finds another one, it asks for a snapshot.
    /// </summary>
    public required string Hash { get; init; }

    /// <summary>New and changed documents, or all of them in a snapshot.</summary>
    public IReadOnlyList<PolicyDocumentWire> Documents { get; init => field = value ?? []; } = [];

    /// <summary>Documents that were deleted, in a change.</summary>
    public IReadOnlyList<PolicyKey> Removed { get; init => field = value ?? []; } = [];
}
