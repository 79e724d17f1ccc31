namespace Mesh.Policy;

/// <summary>One entry of <c>routes</c> as written; <see langword="null"/> means: not said here.</summary>
public sealed record RouteSection
{
    /// <summary>See <see cref="RouteRule.Name"/>.</summary>
    public string Name { get; init; } = "";

    /// <summary>See <see cref="RouteRule.Match"/>.</summary>
    public MatchRule? Match { get; init; }

    /// <summary>The share of each subset, by its name.</summary>
    public IReadOnlyDictionary<string, Percentage>? Split { get; init; }

    /// <summary>Deadlines of calls on this route.</summary>
    public TimeoutSection? Timeout { get; init; }

    /// <summary>Retries of calls on this route; may be off.</summary>
    public Setting<RetrySection>? Retry { get; init; }
}
