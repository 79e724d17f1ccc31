namespace Mesh.Policy;

/// <summary>When and how often a call is tried again.</summary>
public sealed record RetryRule
{
    /// <summary>False when a document says <c>"retry": "off"</c>.</summary>
    public required bool Enabled { get; init; }

    /// <summary>Attempts in all, the first included; 1 to 5.</summary>
    public required int MaxAttempts { get; init; }

    /// <summary>Failures of the connection that are retried.</summary>
    public required RetryConditions Conditions { get; init; }

    /// <summary>HTTP status codes that are retried.</summary>
    public required IReadOnlyList<int> StatusCodes { get; init; }

    /// <summary>gRPC statuses that are retried when nothing was committed, e.g. 14 for UNAVAILABLE.</summary>
    public required IReadOnlyList<int> GrpcStatuses { get; init; }

    /// <summary>First pause; the n-th is drawn uniformly from 0 to <c>min(base * 2^n, max)</c> (full jitter).</summary>
    public required TimeSpan BackoffBase { get; init; }

    /// <summary>Longest pause.</summary>
    public required TimeSpan BackoffMax { get; init; }

    /// <summary>Retries allowed per call made, 0 to 1, per process and upstream.</summary>
    public required double BudgetRatio { get; init; }

    /// <summary>Retries always allowed within <see cref="BudgetWindow"/>, so that quiet services can retry at all.</summary>
    public required int BudgetFloor { get; init; }

    /// <summary>The window over which <see cref="BudgetRatio"/> and <see cref="BudgetFloor"/> count.</summary>
    public required TimeSpan BudgetWindow { get; init; }

    /// <summary>
    /// True when the route says <c>"idempotent": "with-key"</c>: calls that carry an <c>Idempotency-Key</c> header
    /// are retried like idempotent ones.
    /// </summary>
    public required bool IdempotentWithKey { get; init; }
}
