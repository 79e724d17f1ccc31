using Microsoft.Extensions.Logging;

namespace Mesh.Client.Discovery;

/// <summary>
/// How far this machine's clock is from Consul's, by the <c>Date</c> of its answers. Nothing of the mesh depends on the
/// wall clock but what people wrote dates into (the end of a switch, the age of a snapshot): those are who to warn.
/// </summary>
/// <param name="time">The clock.</param>
/// <param name="logger">Hears when the two are too far apart, and when they are together again.</param>
internal sealed partial class ClockSkew(TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan TooFar = TimeSpan.FromSeconds(5);

    // Below the limit again by a margin, so that a skew around it is told once and not for ever.
    private static readonly TimeSpan Together = TimeSpan.FromSeconds(4);

    // A date has whole seconds: the truth is half a second later on average.
    private static readonly TimeSpan Half = TimeSpan.FromMilliseconds(500);

    // Guards the fields below; nothing is called under it.
    private readonly Lock _gate = new();
    private TimeSpan? _last;
    private bool _isFar;

    /// <summary>
    /// Positive when this machine is ahead, exact to half a second; <see langword="null"/> before the first answer.
    /// </summary>
    public TimeSpan? Value
    {
        get
        {
            lock (_gate)
            {
                return _last;
            }
        }
    }

    /// <summary>An answer came just now.</summary>
    /// <param name="date">Its date; <see langword="null"/> when it had none.</param>
    public void Observe(DateTimeOffset? date)
    {
        if (date is null)
        {
            return;
        }

        var skew = time.GetUtcNow() - date.Value - Half;
        var (tell, isFar) = (false, false);
        lock (_gate)
        {
            // Two in a row: a process that was held up between an answer and its reading looks ahead by as much, once.
            var steady = _last is { } last && (skew.Duration() < last.Duration() ? skew : last) is var nearer
                ? nearer.Duration()
                : TimeSpan.Zero;
            isFar = _isFar ? skew.Duration() > Together : steady >= TooFar;
            tell = isFar != _isFar;
            (_last, _isFar) = (skew, isFar);
        }

        if (tell && isFar)
        {
            Log.Far(logger, skew.TotalSeconds);
        }
        else if (tell)
        {
            Log.Back(logger, skew.TotalSeconds);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1020, LogLevel.Warning,
            "This machine's clock differs from Consul's by {Seconds:0.0} s (positive: ahead). Timeouts, budgets and " +
            "ejections do not depend on it; the end ('until') of switches and the age of snapshots do. Synchronize the clocks.")]
        public static partial void Far(ILogger logger, double seconds);

        [LoggerMessage(1021, LogLevel.Information,
            "This machine's clock and Consul's are together again ({Seconds:0.0} s).")]
        public static partial void Back(ILogger logger, double seconds);
    }
}
