namespace Shop.Common;

/// <summary>What one process counted so far, written to a file for the host's table.</summary>
public sealed record InstanceStats
{
    public required string Service { get; init; }

    public required string Instance { get; init; }

    /// <summary>Requests this process answered.</summary>
    public required long Requests { get; init; }

    /// <summary>By upstream.</summary>
    public required Dictionary<string, UpstreamStats> Upstreams { get; init; }
}
