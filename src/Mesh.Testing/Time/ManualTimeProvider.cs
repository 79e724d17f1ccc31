namespace Mesh.Testing;

/// <summary>
/// A clock that stands still until a test moves it. Timers, <see cref="Task.Delay(TimeSpan, TimeProvider)"/>,
/// <see cref="CancellationTokenSource"/> and <see cref="PeriodicTimer"/> over it fire inside <see cref="Advance"/>, on
/// the test's own thread, in the order of their due times. Thread-safe.
/// </summary>
public sealed class ManualTimeProvider : TimeProvider
{
    // Eight timestamp units a tick. No real clock has this frequency, so code that takes timestamps for ticks,
    // milliseconds or stopwatch units is wrong by a visible factor; a power of two keeps GetElapsedTime exact.
    private const long UnitsPerTick = 8;

    // Not zero: code that takes a timestamp of 0 for "never" must not work by accident.
    private const long FirstTimestamp = 1_234_567_891;

    // Guards every field below and the fields of the timers. Callbacks run outside it, so that they may create, change
    // and dispose timers, read the clock and even advance it.
    private readonly Lock _lock = new();
    private readonly HashSet<ManualTimer> _armed = [];
    private readonly List<(int Count, TaskCompletionSource Reached)> _waiters = [];
    private DateTimeOffset _start;
    private long _elapsedTicks;
    private long _sequence;

    /// <summary>Makes a clock.</summary>
    /// <param name="start">The first answer of <see cref="GetUtcNow"/>; default: 2026-01-02 03:04:05 UTC.</param>
    public ManualTimeProvider(DateTimeOffset? start = null) =>
        _start = (start ?? new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero)).ToUniversalTime();

    /// <summary>80 MHz, which no real clock has.</summary>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond * UnitsPerTick;

    /// <summary>UTC.</summary>
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <summary>How many timers are armed: due at some time, not yet fired, changed to infinite or disposed.</summary>
    public int ArmedTimers
    {
        get
        {
            lock (_lock)
            {
                return _armed.Count;
            }
        }
    }

    /// <summary>The time from now to the next timer, or <see langword="null"/> when none is armed.</summary>
    public TimeSpan? NextTimerIn
    {
        get
        {
            lock (_lock)
            {
                return NextLocked() is { } next ? TimeSpan.FromTicks(Math.Max(0, next.DueTicks - _elapsedTicks)) : null;
            }
        }
    }

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock)
        {
            return _start.AddTicks(_elapsedTicks);
        }
    }

    /// <inheritdoc/>
    public override long GetTimestamp()
    {
        lock (_lock)
        {
            return FirstTimestamp + (_elapsedTicks * UnitsPerTick);
        }
    }

    /// <summary>
    /// Creates a timer that fires inside <see cref="Advance"/>. One with a due time of zero fires at the next
    /// <see cref="Advance"/>, also at <c>Advance(TimeSpan.Zero)</c>.
    /// </summary>
    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var timer = new ManualTimer(this, callback, state);
        Arm(timer, dueTime, period);
        return timer;
    }

    /// <summary>
    /// Moves the clock and fires every timer that becomes due on the way, each at its own time: while its callback
    /// runs, the clock shows its due time. A timer armed by a callback fires too if it is due by then. What a callback
    /// throws comes out of here, with the clock at that timer's due time.
    /// </summary>
    /// <param name="by">How far; not negative. Zero fires what is due now.</param>
    public void Advance(TimeSpan by)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        long target;
        lock (_lock)
        {
            target = _elapsedTicks + by.Ticks;
        }

        while (TakeDue(target) is { } timer)
        {
            timer.Fire();
        }

        lock (_lock)
        {
            _elapsedTicks = Math.Max(_elapsedTicks, target);
        }
    }

    /// <summary>
    /// Moves only what <see cref="GetUtcNow"/> says, forward or back, as an operator or a time server would; timestamps
    /// and timers do not notice.
    /// </summary>
    /// <param name="by">How far.</param>
    public void ShiftUtc(TimeSpan by)
    {
        lock (_lock)
        {
            _start += by;
        }
    }

    /// <summary>
    /// Waits, in real time, until at least so many timers are armed: until the code under test has come to its delay.
    /// </summary>
    /// <param name="count">How many; at least 1.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public Task WhenArmedAsync(int count = 1, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        lock (_lock)
        {
            if (_armed.Count >= count)
            {
                return Task.CompletedTask;
            }

            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiters.Add((count, reached));
            return reached.Task.WaitAsync(cancellationToken);
        }
    }

    internal bool Arm(ManualTimer timer, TimeSpan dueTime, TimeSpan period)
    {
        RequireTimerSpan(dueTime, nameof(dueTime));
        RequireTimerSpan(period, nameof(period));
        lock (_lock)
        {
            if (timer.Disposed)
            {
                return false;
            }

            _armed.Remove(timer);
            timer.PeriodTicks = period == Timeout.InfiniteTimeSpan ? 0 : period.Ticks;
            if (dueTime != Timeout.InfiniteTimeSpan)
            {
                ArmLocked(timer, _elapsedTicks + dueTime.Ticks);
            }

            return true;
        }
    }

    internal void Disarm(ManualTimer timer)
    {
        lock (_lock)
        {
            timer.Disposed = true;
            _armed.Remove(timer);
        }
    }

    private static void RequireTimerSpan(TimeSpan span, string name)
    {
        // The bounds of System.Threading.Timer, so that what works here works on the system's clock.
        if (span != Timeout.InfiniteTimeSpan && (span < TimeSpan.Zero || span.TotalMilliseconds > uint.MaxValue - 1))
        {
            throw new ArgumentOutOfRangeException(
                name, span, "A timer's time is infinite, or between zero and 4294967294 ms.");
        }
    }

    private void ArmLocked(ManualTimer timer, long dueTicks)
    {
        timer.DueTicks = dueTicks;
        timer.Sequence = _sequence++;
        _armed.Add(timer);
        foreach (var waiter in _waiters.FindAll(w => w.Count <= _armed.Count))
        {
            _waiters.Remove(waiter);
            waiter.Reached.SetResult();
        }
    }

    /// <summary>
    /// Takes the next timer due by then, with the clock moved to its due time and a periodic one armed again.
    /// </summary>
    private ManualTimer? TakeDue(long target)
    {
        lock (_lock)
        {
            if (NextLocked() is not { } timer || timer.DueTicks > target)
            {
                return null;
            }

            _elapsedTicks = Math.Max(_elapsedTicks, timer.DueTicks);
            _armed.Remove(timer);
            if (timer.PeriodTicks > 0)
            {
                ArmLocked(timer, timer.DueTicks + timer.PeriodTicks);
            }

            return timer;
        }
    }

    private ManualTimer? NextLocked() => _armed.MinBy(timer => (timer.DueTicks, timer.Sequence));
}
