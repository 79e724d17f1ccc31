namespace Mesh.Policy;

/// <summary>The section <c>retry</c> as written; <see langword="null"/> means: not said here.</summary>
public sealed record RetrySection
{
    /// <summary>See <see cref="RetryRule.MaxAttempts"/>.</summary>
    public int? MaxAttempts { get; init; }

    /// <summary>What is retried, in canonical words: <c>connect</c>, <c>503</c>, <c>grpc:UNAVAILABLE</c>.</summary>
    public IReadOnlyList<string>? On { get; init; }

    /// <summary>The pauses between attempts.</summary>
    public BackoffSection? Backoff { get; init; }

    /// <summary>How many retries are allowed in all; not in routes, which share one budget.</summary>
    public BudgetSection? Budget { get; init; }

    /// <summary>
    /// See <see cref="RetryRule.IdempotentWithKey"/>; off withdraws it. Only in routes: it is a promise about what the
    /// service does with these calls.
    /// </summary>
    public bool? IdempotentWithKey { get; init; }
}
