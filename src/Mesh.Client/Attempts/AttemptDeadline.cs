namespace Mesh.Client.Attempts;

/// <summary>
/// The token of an attempt: cancelled by the caller, by the attempt's deadline while another attempt may follow, and by
/// the call's. Reused from call to call, so that an armed attempt that ends well costs no allocation.
/// </summary>
/// <remarks>
/// A timer that fires late must not cancel the next call. The state word carries the number of the use; the callback
/// works in three steps (read the state, check that something is due, claim that very state), so that it either acts
/// for the use it read or not at all. After a cancellation the source is given up, never reused.
/// <para>
/// The timer is not stopped when a use ends, nor set when it is due early enough for the next one: it fires once, finds
/// what is due by then, and is set for that. Calls end in milliseconds and their deadlines are seconds away, so that
/// hardly any call touches the queue of timers, which all calls share. What makes this safe: a use is armed
/// before the timer's time is read, and a timer that fires forgets its time before it reads the state; so either the
/// callback sees the use, or the use sees that no timer is set.
/// </para>
/// </remarks>
internal sealed class AttemptDeadline : IDisposable
{
    /// <summary>No deadline.</summary>
    public const long Never = long.MaxValue;

    private const long PhaseMask = 3;
    private const long Idle = 0;
    private const long Armed = 1;
    private const long Deciding = 2;
    private const long Fired = 3;
    private const long OneUse = 4;

    private readonly TimeProvider _time;
    private readonly Func<bool> _mayCutAttempt;
    private readonly ITimer _timer;
    private CancellationTokenSource? _source;
    private CancellationTokenRegistration _caller;
    private long _state;
    private long _attemptDue;
    private long _totalDue;
    private long _timerDue = Never;
    private DeadlineCause _cause;

    /// <param name="time">The clock.</param>
    /// <param name="mayCutAttempt">
    /// Asked, on a timer's thread, when an attempt's time is up: may another follow? When not, the attempt runs on, as it
    /// would without the mesh.
    /// </param>
    public AttemptDeadline(TimeProvider time, Func<bool> mayCutAttempt)
    {
        _time = time;
        _mayCutAttempt = mayCutAttempt;
        if (ExecutionContext.IsFlowSuppressed())
        {
            _timer = CreateTimer();
        }
        else
        {
            using (ExecutionContext.SuppressFlow())
            {
                _timer = CreateTimer();
            }
        }
    }

    /// <summary>The token to send the next attempt with.</summary>
    public CancellationToken Token => (_source ??= new CancellationTokenSource()).Token;

    /// <summary>
    /// Starts to watch. May be called after the attempt was sent: one that ends at once then needs no timer.
    /// </summary>
    /// <param name="attemptDue">Timestamp, or <see cref="Never"/>.</param>
    /// <param name="totalDue">Timestamp, or <see cref="Never"/>.</param>
    /// <param name="caller">The caller's token.</param>
    public void Arm(long attemptDue, long totalDue, CancellationToken caller)
    {
        _ = Token;
        _cause = DeadlineCause.None;
        Volatile.Write(ref _attemptDue, attemptDue);
        Volatile.Write(ref _totalDue, totalDue);
        Interlocked.Exchange(ref _state, ((_state & ~PhaseMask) + OneUse) | Armed);

        // The source itself is the state: a registration that fires late cancels what it was made for.
        _caller = caller.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), _source);
        var due = Math.Min(attemptDue, totalDue);
        if (due < Volatile.Read(ref _timerDue))
        {
            Schedule(due);
        }
    }

    /// <summary>Stops watching, and says whether a deadline has cancelled the attempt.</summary>
    public DeadlineCause Disarm()
    {
        var cause = Stop();
        var registered = _caller != default;
        var reusable = cause == DeadlineCause.None && (!registered || _caller.Unregister());
        _caller = default;
        if (!reusable || _source?.TryReset() == false)
        {
            _source = null;
        }

        return cause;
    }

    /// <summary>
    /// Stops watching but leaves the attempt's token with the caller's: parts of the request may still be on their way.
    /// Dispose what is returned when the attempt is over.
    /// </summary>
    public CancellationTokenRegistration Release(out DeadlineCause cause)
    {
        cause = Stop();
        var caller = _caller;
        _caller = default;
        _source = null;
        return caller;
    }

    public void Dispose() => _timer.Dispose();

    private DeadlineCause Stop()
    {
        var spin = default(SpinWait);
        while (true)
        {
            var state = Volatile.Read(ref _state);
            switch (state & PhaseMask)
            {
                case Idle:
                    return DeadlineCause.None;
                case Fired:
                    Volatile.Write(ref _state, state & ~PhaseMask);
                    return _cause;
                case Armed when Interlocked.CompareExchange(ref _state, state & ~PhaseMask, state) == state:
                    return DeadlineCause.None;
                default:
                    // The callback is deciding; that is a few comparisons and, at most, the budget's.
                    spin.SpinOnce();
                    break;
            }
        }
    }

    private void OnTimer()
    {
        Interlocked.Exchange(ref _timerDue, Never);
        var state = Volatile.Read(ref _state);
        if ((state & PhaseMask) != Armed)
        {
            return;
        }

        var now = _time.GetTimestamp();
        var totalDue = Volatile.Read(ref _totalDue);
        var next = Math.Min(totalDue, Volatile.Read(ref _attemptDue));
        if (now < next)
        {
            // A timer of an earlier use, or one a tick early: the deadline of this use still has its own time.
            Reschedule(state, next);
            return;
        }

        if (Interlocked.CompareExchange(ref _state, (state & ~PhaseMask) | Deciding, state) != state)
        {
            return;
        }

        Decide(state, totalOver: now >= totalDue, totalDue);
    }

    private void Decide(long state, bool totalOver, long totalDue)
    {
        if (!totalOver && !_mayCutAttempt())
        {
            Volatile.Write(ref _attemptDue, Never);
            Volatile.Write(ref _state, state);
            Reschedule(state, totalDue);
            return;
        }

        var source = _source!;
        _cause = totalOver ? DeadlineCause.Total : DeadlineCause.Attempt;
        Volatile.Write(ref _state, (state & ~PhaseMask) | Fired);
        source.Cancel();
    }

    private void Reschedule(long state, long due)
    {
        while (true)
        {
            Schedule(due);
            var now = Interlocked.Read(ref _state);
            if (now == state)
            {
                return;
            }

            // Another use began meanwhile, and its timer may just have been overwritten.
            state = now;
            due = Math.Min(Volatile.Read(ref _attemptDue), Volatile.Read(ref _totalDue));
        }
    }

    private void Schedule(long due)
    {
        if (due == Never)
        {
            return;
        }

        Volatile.Write(ref _timerDue, due);

        // Rounded up to whole milliseconds: timers are no finer, and one that fires early fires twice.
        var wait = _time.GetElapsedTime(_time.GetTimestamp(), due);
        _timer.Change(
            TimeSpan.FromMilliseconds(Math.Clamp(Math.Ceiling(wait.TotalMilliseconds), 0, int.MaxValue)),
            Timeout.InfiniteTimeSpan);
    }

    private ITimer CreateTimer() => _time.CreateTimer(
        static deadline => ((AttemptDeadline)deadline!).OnTimer(),
        this,
        Timeout.InfiniteTimeSpan,
        Timeout.InfiniteTimeSpan);
}
