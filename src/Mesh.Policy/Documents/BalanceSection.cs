namespace Mesh.Policy;

/// <summary>The section <c>balance</c> as written; <see langword="null"/> means: not said here.</summary>
public sealed record BalanceSection
{
    /// <summary>See <see cref="BalanceRule.Algorithm"/>.</summary>
    public string? Algorithm { get; init; }

    /// <summary>See <see cref="BalanceRule.SlowStart"/>; may be off.</summary>
    public Setting<TimeSpan>? SlowStart { get; init; }

    /// <summary>See <see cref="BalanceRule.PanicBelow"/>; may be off.</summary>
    public Setting<Percentage>? PanicBelow { get; init; }
}
