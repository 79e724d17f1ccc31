namespace Mesh.Policy;

/// <summary>One route of a service: which calls it takes, where they go and under which limits of time and retry.</summary>
public sealed record RouteRule
{
    /// <summary>The name of the implicit last route, which matches every call.</summary>
    public const string CatchAllName = "default";

    /// <summary>Unique within the service; appears in metrics, logs and origins.</summary>
    public required string Name { get; init; }

    /// <summary>Which calls the route takes; <see langword="null"/> means all.</summary>
    public MatchRule? Match { get; init; }

    /// <summary>
    /// The weighted subsets; parts add up to <see cref="SplitRule.Whole"/>. Empty means: all endpoints of the service.
    /// </summary>
    public required IReadOnlyList<SplitRule> Split { get; init; }

    /// <summary>Deadlines of calls on this route.</summary>
    public required TimeoutRule Timeout { get; init; }

    /// <summary>Retries of calls on this route.</summary>
    public required RetryRule Retry { get; init; }
}
