using Mesh.Policy;

namespace Mesh.ConfigServer.Wire;

/// <summary>
/// The answer to a change, good or bad. A bad one reads as a problem of RFC 9457 with members of its own.
/// </summary>
internal sealed record WriteAnswerWire
{
    public int Schema { get; init; } = WireSchema.Current;

    public required string Key { get; init; }

    public int? Status { get; init; }

    /// <summary>
    /// <c>written</c>, <c>unchanged</c>, <c>refused</c>, <c>conflict</c>, <c>clients-cannot-obey</c> or
    /// <c>callers-would-break</c>.
    /// </summary>
    public required string Code { get; init; }

    /// <summary>One sentence for people.</summary>
    public required string Detail { get; init; }

    /// <summary>What was written; <see langword="null"/> while this desk has not seen it yet.</summary>
    public PolicyRevision? Revision { get; init; }

    /// <summary>Which revision of the history it says again.</summary>
    public string? RolledBackTo { get; init; }

    public IReadOnlyList<PolicyProblem> Problems { get; init; } = [];

    public IReadOnlyList<PolicyProblem> Ignored { get; init; } = [];

    public ObedienceWire? Clients { get; init; }

    /// <summary>Whose calls it breaks, or would; <see langword="null"/> when nobody's are known.</summary>
    public IReadOnlyList<CallerBreakWire>? Breaks { get; init; }

    /// <summary>What is there now, on a conflict; <see langword="null"/> when nothing is.</summary>
    public PresentWire? Present { get; init; }
}
