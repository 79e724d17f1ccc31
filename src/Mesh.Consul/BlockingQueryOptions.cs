namespace Mesh.Consul;

/// <summary>How a <see cref="BlockingQuery{T}"/> asks.</summary>
public sealed record BlockingQueryOptions
{
    /// <summary>Longest block, 1 s to 10 min; the default is 5 min.</summary>
    public TimeSpan Wait { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Consistency; watches read stale by default.</summary>
    public ConsulConsistency Consistency { get; init; } = ConsulConsistency.Stale;

    /// <summary>The datacenter; <see langword="null"/> means the client's.</summary>
    public string? Datacenter { get; init; }

    /// <summary>How much longer than wait + wait/16 an answer may take before it counts as hung.</summary>
    public TimeSpan HangMargin { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>First pause after a failure; full jitter, doubling up to <see cref="BackoffMax"/>.</summary>
    public TimeSpan BackoffBase { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Longest pause after failures.</summary>
    public TimeSpan BackoffMax { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// KV and heartbeats must not queue behind health watches: true takes a slot outside the client's limit.
    /// </summary>
    public bool Priority { get; init; }
}
