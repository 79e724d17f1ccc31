namespace Shop.Common;

/// <summary>Calls of one process to one upstream.</summary>
public sealed record UpstreamStats
{
    public long Calls { get; set; }

    public long Failed { get; set; }

    /// <summary>Retries by reason.</summary>
    public Dictionary<string, long> Retries { get; set; } = [];

    public long Ejections { get; set; }

    /// <summary>Endpoints by state, e.g. <c>live</c>, <c>ejected</c>.</summary>
    public Dictionary<string, long> Endpoints { get; set; } = [];

    /// <summary>Call latencies: count per bucket of <see cref="LatencyBuckets"/>.</summary>
    public long[] Latencies { get; set; } = new long[LatencyBuckets.Count];
}
