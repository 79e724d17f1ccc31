using Mesh.Policy;

namespace Mesh.ConfigServer.Wire;

/// <summary>One revision that was in force once.</summary>
internal sealed record HistoryEntryWire
{
    public required string Id { get; init; }

    public required PolicyRevision Revision { get; init; }

    /// <summary>When a desk first saw it in force.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Who and why, as the document says.</summary>
    public PolicyMeta? Meta { get; init; }

    public required bool InForce { get; init; }

    /// <summary>What this version has against it, which was accepted once; a rollback to it would be refused.</summary>
    public IReadOnlyList<PolicyProblem> Problems { get; init; } = [];
}
