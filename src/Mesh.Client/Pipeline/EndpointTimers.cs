using Mesh.Client.Balancing;
using Mesh.Client.Outliers;

namespace Mesh.Client.Pipeline;

/// <summary>
/// Everything that happens to the endpoints of an upstream by time alone: ejections end, suspicions end, slow starts grow.
/// One timer for all of them, none while nothing is due. All but the timer's callback runs under the upstream's lock.
/// </summary>
internal sealed class EndpointTimers : IDisposable
{
    private readonly HashSet<MeshEndpoint> _timed = [];
    private readonly MeshClock _clock;
    private readonly Action _tick;
    private ITimer? _timer;
    private bool _disposed;

    /// <param name="clock">Reads timestamps and makes the timer.</param>
    /// <param name="tick">Called when something is due, outside of the lock.</param>
    public EndpointTimers(MeshClock clock, Action tick)
    {
        _clock = clock;
        _tick = tick;
    }

    /// <summary>Something about this endpoint is due some time.</summary>
    public void Track(MeshEndpoint endpoint) => _timed.Add(endpoint);

    /// <summary>Nothing of this endpoint matters any more.</summary>
    public void Forget(MeshEndpoint endpoint) => _timed.Remove(endpoint);

    /// <summary>Does what is due. True when groups have to be sorted anew.</summary>
    public bool Advance(BalancePlan plan, long now)
    {
        var changed = false;
        foreach (var endpoint in _timed)
        {
            if (endpoint.Outlier.Phase == EjectionPhase.Ejected && now >= endpoint.Outlier.EjectedUntil)
            {
                endpoint.Outlier.Await(now);
                changed = true;
            }

            if (endpoint.IsSuspect && now >= SuspicionEnds(endpoint))
            {
                endpoint.ClearSuspicion();
                changed = true;
            }

            if (endpoint.RampSince is { } since)
            {
                endpoint.RampSince = plan.Share(_clock.Seconds(since, now)) < 1 ? since : null;
                changed = true;
            }
        }

        _timed.RemoveWhere(static e => !IsTimed(e));
        return changed;
    }

    /// <summary>Sets the timer to what is due next.</summary>
    public void Schedule(BalancePlan plan, long now)
    {
        if (_disposed || (_timed.Count == 0 && _timer is null))
        {
            return;
        }

        TimeSpan? next = null;
        foreach (var endpoint in _timed)
        {
            if (Due(endpoint, plan, now) is { } due && !(due >= next))
            {
                next = due;
            }
        }

        // A timer may come a little early by the clock that timestamps are read from; a millisecond more spares it
        // a second turn.
        _timer ??= Create();
        _timer.Change(
            next is { } wait ? wait + TimeSpan.FromMilliseconds(1) : Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public void Dispose()
    {
        _disposed = true;
        _timer?.Dispose();
    }

    private static bool IsTimed(MeshEndpoint endpoint) =>
        endpoint.Outlier.Phase == EjectionPhase.Ejected || endpoint.IsSuspect || endpoint.RampSince is not null;

    private long SuspicionEnds(MeshEndpoint endpoint) => _clock.Add(endpoint.SuspectSince, MeshEndpoint.SuspectFor);

    private TimeSpan? Due(MeshEndpoint endpoint, BalancePlan plan, long now)
    {
        TimeSpan? due = endpoint.RampSince is null ? null : plan.Step;
        if (endpoint.Outlier.Phase == EjectionPhase.Ejected)
        {
            due = Earlier(due, _clock.Until(now, endpoint.Outlier.EjectedUntil));
        }

        return endpoint.IsSuspect ? Earlier(due, _clock.Until(now, SuspicionEnds(endpoint))) : due;
    }

    private static TimeSpan Earlier(TimeSpan? one, TimeSpan other) => one < other ? one.Value : other;

    // Without the execution context of the call that happened to need it first.
    private ITimer Create()
    {
        using (ExecutionContext.IsFlowSuppressed() ? default(AsyncFlowControl?) : ExecutionContext.SuppressFlow())
        {
            return _clock.Time.CreateTimer(
                static tick => ((Action)tick!)(), _tick, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }
}
