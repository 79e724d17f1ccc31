namespace Mesh.Policy;

/// <summary>The answer to <c>POST /v1/validate</c>.</summary>
public sealed record ValidateResponse
{
    /// <summary>See <see cref="WireSchema.Current"/>.</summary>
    public int Schema { get; init; } = WireSchema.Current;

    /// <summary>Where the document would stand.</summary>
    public required PolicyKey Key { get; init; }

    /// <summary>True when it would take effect.</summary>
    public required bool Accepted { get; init; }

    /// <summary>The content hash its revision would have.</summary>
    public required string Hash { get; init; }

    /// <summary>Everything that is wrong with it.</summary>
    public IReadOnlyList<PolicyProblem> Problems { get; init => field = value ?? []; } = [];

    /// <summary>What would be left out, for switches.</summary>
    public IReadOnlyList<PolicyProblem> Ignored { get; init => field = value ?? []; } = [];

    /// <summary>
    /// Whether the clients that report to this desk would obey it; <see langword="null"/> for a document that is
    /// refused.
    /// </summary>
    public ObedienceWire? Clients { get; init; }

    /// <summary>Whose calls it would break, as far as services have reported to this desk; of security documents only.</summary>
    public IReadOnlyList<CallerBreakWire>? Breaks { get; init; }
}
