namespace Mesh.Policy;

/// <summary>One line of <see cref="PolicyListWire"/>.</summary>
public sealed record PolicyListEntryWire
{
    /// <summary>The document's key.</summary>
    public required PolicyKey Key { get; init; }

    /// <summary>The newest revision seen.</summary>
    public required PolicyRevision Revision { get; init; }

    /// <summary>Whether <see cref="Revision"/> is in force.</summary>
    public required PolicyDocumentState State { get; init; }

    /// <summary>Why not.</summary>
    public IReadOnlyList<PolicyProblem> Problems { get; init => field = value ?? []; } = [];

    /// <summary>What was left out of it, for switches.</summary>
    public IReadOnlyList<PolicyProblem> Ignored { get; init => field = value ?? []; } = [];

    /// <summary>The revision in force; <see langword="null"/> when there never was a good one.</summary>
    public PolicyRevision? LastGood { get; init; }

    /// <summary>Who and why, of the revision in force.</summary>
    public PolicyMeta? Meta { get; init; }

    /// <summary>What the revision in force turns off, of a switch document.</summary>
    public SwitchWire? Switch { get; init; }

    /// <summary>When the desk first saw <see cref="Revision"/>.</summary>
    public DateTimeOffset? SeenAt { get; init; }
}
