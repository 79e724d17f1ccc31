namespace Mesh.AspNetCore.Inspection.Views;

/// <summary>Whether failures of the call would be followed by another attempt.</summary>
internal sealed record RetryStory
{
    public required int MaxAttempts { get; init; }

    /// <summary>The request may be repeated after it may have been executed.</summary>
    public required bool Repeatable { get; init; }

    /// <summary>Why it may, or may not.</summary>
    public required string Because { get; init; }

    /// <summary>Retries that the budget of the upstream would allow now.</summary>
    public required double BudgetLeft { get; init; }

    public required string BudgetRule { get; init; }

    public required int Running { get; init; }

    public required int RunningLimit { get; init; }

    public required IReadOnlyList<FailureStory> Failures { get; init; }
}
