namespace Mesh.Policy;

/// <summary>The section <c>outlier</c> as written; <see langword="null"/> means: not said here.</summary>
public sealed record OutlierSection
{
    /// <summary>See <see cref="OutlierRule.Consecutive"/>.</summary>
    public int? Consecutive { get; init; }

    /// <summary>See <see cref="OutlierRule.ConnectFailures"/>.</summary>
    public int? ConnectFailures { get; init; }

    /// <summary>For how long.</summary>
    public EjectSection? Eject { get; init; }

    /// <summary>See <see cref="OutlierRule.MaxEjected"/>.</summary>
    public Percentage? MaxEjected { get; init; }
}
