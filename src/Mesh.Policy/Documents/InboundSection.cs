namespace Mesh.Policy;

/// <summary>The section <c>inbound</c> of a traffic document as written; <see langword="null"/> means: not said here.</summary>
public sealed record InboundSection
{
    /// <summary>See <see cref="InboundPolicy.Rates"/>; may be off.</summary>
    public Setting<IReadOnlyList<RateRule>>? Rate { get; init; }

    /// <summary>See <see cref="InboundPolicy.Concurrency"/>; may be off.</summary>
    public Setting<ConcurrencySection>? Concurrency { get; init; }
}
