namespace Mesh.Testing;

/// <summary>A timer of <see cref="ManualTimeProvider"/>, whose lock guards its mutable state.</summary>
internal sealed class ManualTimer(ManualTimeProvider provider, TimerCallback callback, object? state) : ITimer
{
    // As the system's timers do, unless the creator suppressed the flow.
    private readonly ExecutionContext? _context = ExecutionContext.Capture();

    public long DueTicks { get; set; }

    /// <summary>0 for a timer that fires once.</summary>
    public long PeriodTicks { get; set; }

    /// <summary>The order of arming, which decides between timers due at the same time.</summary>
    public long Sequence { get; set; }

    public bool Disposed { get; set; }

    public void Fire()
    {
        if (_context is null)
        {
            callback(state);
        }
        else
        {
            ExecutionContext.Run(_context, static timer => ((ManualTimer)timer!).Call(), this);
        }
    }

    public bool Change(TimeSpan dueTime, TimeSpan period) => provider.Arm(this, dueTime, period);

    public void Dispose() => provider.Disarm(this);

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    private void Call() => callback(state);
}
