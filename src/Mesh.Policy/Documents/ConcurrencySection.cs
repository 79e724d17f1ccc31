namespace Mesh.Policy;

/// <summary>The section <c>inbound.concurrency</c> as written; <see langword="null"/> means: not said here.</summary>
public sealed record ConcurrencySection
{
    /// <summary>See <see cref="InboundConcurrency.Adaptive"/>: true for <c>"adaptive"</c>, false for <c>"fixed"</c>.</summary>
    public bool? Adaptive { get; init; }

    /// <summary>See <see cref="InboundConcurrency.Min"/>.</summary>
    public int? Min { get; init; }

    /// <summary>See <see cref="InboundConcurrency.Max"/>.</summary>
    public int? Max { get; init; }

    /// <summary>See <see cref="InboundConcurrency.Shadow"/>.</summary>
    public bool? Shadow { get; init; }
}
