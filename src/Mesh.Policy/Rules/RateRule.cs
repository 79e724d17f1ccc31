namespace Mesh.Policy;

/// <summary>One token bucket of <c>inbound.rate</c>, per instance of the service.</summary>
public sealed record RateRule
{
    /// <summary>Unique in its document; appears in metrics, logs and the RateLimit headers.</summary>
    public required string Name { get; init; }

    /// <summary>Which requests draw on it; <see langword="null"/> is all.</summary>
    public MatchRule? Match { get; init; }

    /// <summary>Each caller has a bucket of its own; false is one bucket for all.</summary>
    public bool PerCaller { get; init; } = true;

    /// <summary>Requests granted per <see cref="Window"/>.</summary>
    public required int Permits { get; init; }

    /// <summary>The time in which an empty bucket gains <see cref="Permits"/>.</summary>
    public required TimeSpan Window { get; init; }

    /// <summary>What a full bucket holds.</summary>
    public required int Burst { get; init; }

    /// <summary>Refusals are only counted.</summary>
    public bool Shadow { get; init; }
}
