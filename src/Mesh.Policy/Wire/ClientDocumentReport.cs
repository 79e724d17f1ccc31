namespace Mesh.Policy;

/// <summary>What a client did with one document.</summary>
public sealed record ClientDocumentReport
{
    /// <summary>The document's key.</summary>
    public required PolicyKey Key { get; init; }

    /// <summary>The revision it is about.</summary>
    public required PolicyRevision Revision { get; init; }

    /// <summary>Applied, applied in part, or refused.</summary>
    public required ClientDocumentState State { get; init; }

    /// <summary>The parts left out.</summary>
    public IReadOnlyList<PolicyProblem> Ignored { get; init => field = value ?? []; } = [];

    /// <summary>Why it was refused.</summary>
    public IReadOnlyList<PolicyProblem> Problems { get; init => field = value ?? []; } = [];

    /// <summary>The revision in force instead, when it was refused.</summary>
    public PolicyRevision? LastGood { get; init; }
}
