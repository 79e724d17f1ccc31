namespace Mesh.Policy;

/// <summary>The section <c>retry.backoff</c> as written; <see langword="null"/> means: not said here.</summary>
public sealed record BackoffSection
{
    /// <summary>See <see cref="RetryRule.BackoffBase"/>.</summary>
    public TimeSpan? Base { get; init; }

    /// <summary>See <see cref="RetryRule.BackoffMax"/>.</summary>
    public TimeSpan? Max { get; init; }
}
