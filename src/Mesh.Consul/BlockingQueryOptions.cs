namespace Mesh.Consul;

/// <summary>How a <see cref="BlockingQuery{T}"/> asks.</summary>
public sealed record BlockingQueryOptions
{
    /// <summary>
    /// Longest block, 1 s to 10 min; the default is 1 min. An agent holds a blocked read, and the connection it came over,
    /// until the wait is over, also when the process that asked is gone: long waits turn a few restarts into its limit on
    /// connections.
    /// </summary>
    public TimeSpan Wait { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Consistency; watches read stale by default.</summary>
    public ConsulConsistency Consistency { get; init; } = ConsulConsistency.Stale;

    /// <summary>The datacenter; <see langword="null"/> means the client's.</summary>
    public string? Datacenter { get; init; }

    /// <summary>How much later than wait + wait/16 an answer may begin before it counts as hung, 1 ms to 1 h.</summary>
    public TimeSpan HangMargin { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// First pause after a failure, 1 ms to 10 min; full jitter, doubling up to <see cref="BackoffMax"/>.
    /// </summary>
    public TimeSpan BackoffBase { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Longest pause after failures, up to 10 min.</summary>
    public TimeSpan BackoffMax { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// KV and heartbeats must not queue behind health watches: true takes a slot outside the client's limit.
    /// </summary>
    public bool Priority { get; init; }

    /// <summary>
    /// Longest pause between reads while Consul wakes the watch again and again without a change, 250 ms to 10 min. The
    /// default is 15 s, and 1 s for a <see cref="Priority"/> watch, whose small answers are worth their price.
    /// </summary>
    public TimeSpan? PaceMax { get; init; }

    internal TimeSpan EffectivePaceMax => PaceMax ?? (Priority ? TimeSpan.FromSeconds(1) : TimeSpan.FromSeconds(15));

    internal void Validate()
    {
        var longest = TimeSpan.FromMinutes(10);
        Check(Wait, TimeSpan.FromSeconds(1), longest, nameof(Wait));
        Check(HangMargin, TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1), nameof(HangMargin));
        Check(BackoffBase, TimeSpan.FromMilliseconds(1), longest, nameof(BackoffBase));
        Check(BackoffMax, BackoffBase, longest, nameof(BackoffMax));
        Check(EffectivePaceMax, TimeSpan.FromMilliseconds(250), longest, nameof(PaceMax));
    }

    private static void Check(TimeSpan value, TimeSpan least, TimeSpan most, string name)
    {
        if (value < least || value > most)
        {
            throw new ArgumentOutOfRangeException(name, value, $"{name} must be between {least} and {most}.");
        }
    }
}
