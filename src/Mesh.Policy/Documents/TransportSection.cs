namespace Mesh.Policy;

/// <summary>The section <c>transport</c> as written; <see langword="null"/> means: not said here.</summary>
public sealed record TransportSection
{
    /// <summary>See <see cref="EffectivePolicy.Protocol"/>.</summary>
    public TransportProtocol? Protocol { get; init; }
}
