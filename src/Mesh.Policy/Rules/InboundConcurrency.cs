namespace Mesh.Policy;

/// <summary><c>inbound.concurrency</c>: how many requests run at a time in one instance.</summary>
public sealed record InboundConcurrency
{
    /// <summary>The limit follows the latency that is measured; false keeps <see cref="Max"/> as a fixed limit.</summary>
    public required bool Adaptive { get; init; }

    /// <summary>Lowest limit, and where an adaptive one begins.</summary>
    public int Min { get; init; } = 20;

    /// <summary>Highest limit.</summary>
    public int Max { get; init; } = 1000;

    /// <summary>Refusals are only counted.</summary>
    public bool Shadow { get; init; }
}
