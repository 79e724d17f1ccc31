namespace Mesh.Policy;

/// <summary>The section <c>timeout</c> as written; <see langword="null"/> means: not said here.</summary>
public sealed record TimeoutSection
{
    /// <summary>See <see cref="TimeoutRule.Total"/>; may be off.</summary>
    public Setting<TimeSpan>? Total { get; init; }

    /// <summary>
    /// See <see cref="TimeoutRule.Attempt"/>; off (written <c>"auto"</c>) means: derived from the total.
    /// </summary>
    public Setting<TimeSpan>? Attempt { get; init; }

    /// <summary>See <see cref="TimeoutRule.Connect"/>; not in routes, which share their connections.</summary>
    public TimeSpan? Connect { get; init; }

    /// <summary>See <see cref="TimeoutRule.Handshake"/>; not in routes, which share their connections.</summary>
    public TimeSpan? Handshake { get; init; }

    /// <summary>See <see cref="TimeoutRule.Idle"/>; may be off.</summary>
    public Setting<TimeSpan>? Idle { get; init; }
}
