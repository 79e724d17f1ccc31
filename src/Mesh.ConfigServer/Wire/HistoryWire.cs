using Mesh.Policy;

namespace Mesh.ConfigServer.Wire;

/// <summary>The answer to <c>GET /v1/documents/{key}/history</c>.</summary>
internal sealed record HistoryWire
{
    public int Schema { get; init; } = WireSchema.Current;

    public required string Key { get; init; }

    /// <summary>The newest revision in KV; <see langword="null"/> when there is no such document now.</summary>
    public PolicyRevision? Newest { get; init; }

    /// <summary>What the desk thinks of it, as <c>GET /v1/policies</c> says it.</summary>
    public string? State { get; init; }

    /// <summary>The revision in force.</summary>
    public PolicyRevision? InForce { get; init; }

    /// <summary>Why revisions are not recorded now, when they are not.</summary>
    public string? Trouble { get; init; }

    /// <summary>At most <see cref="History.HistoryStore.Kept"/>, the newest first.</summary>
    public required IReadOnlyList<HistoryEntryWire> Entries { get; init; }
}
