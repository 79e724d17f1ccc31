namespace Mesh.Policy;

/// <summary>The section <c>outlier.eject</c> as written; <see langword="null"/> means: not said here.</summary>
public sealed record EjectSection
{
    /// <summary>See <see cref="OutlierRule.EjectBase"/>.</summary>
    public TimeSpan? Base { get; init; }

    /// <summary>See <see cref="OutlierRule.EjectMax"/>.</summary>
    public TimeSpan? Max { get; init; }
}
