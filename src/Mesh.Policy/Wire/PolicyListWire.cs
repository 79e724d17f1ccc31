namespace Mesh.Policy;

/// <summary>The answer to <c>GET /v1/policies</c>: every document the desk has seen and what it thinks of it.</summary>
public sealed record PolicyListWire
{
    /// <summary>See <see cref="WireSchema.Current"/>.</summary>
    public int Schema { get; init; } = WireSchema.Current;

    /// <summary>The mesh's name.</summary>
    public required string Mesh { get; init; }

    /// <summary>The Consul datacenter the documents were read in.</summary>
    public required string Datacenter { get; init; }

    /// <summary>The state of what is in force: see <see cref="PolicySnapshotWire.Hash"/>.</summary>
    public required string Hash { get; init; }

    /// <summary>The documents, ordered by key.</summary>
    public required IReadOnlyList<PolicyListEntryWire> Documents { get; init; }

    /// <summary>Keys under the mesh's prefix that can be no document, as problems whose path is the key.</summary>
    public IReadOnlyList<PolicyProblem> UnknownKeys { get; init => field = value ?? []; } = [];
}
