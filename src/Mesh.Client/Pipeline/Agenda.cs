using Microsoft.Extensions.Logging;

namespace Mesh.Client.Pipeline;

/// <summary>What is to be done later: one timer for all of it, none while nothing is.</summary>
internal sealed class Agenda : IDisposable
{
    private readonly MeshClock _clock;
    private readonly ILogger _logger;
    private readonly ITimer _timer;

    // Guards the queue and the timer's due time. What is due runs outside of it.
    private readonly Lock _gate = new();
    private readonly PriorityQueue<Action, long> _queue = new();
    private bool _disposed;

    public Agenda(MeshClock clock, ILogger logger)
    {
        (_clock, _logger) = (clock, logger);
        _timer = BackgroundWork.CreateTimer(clock.Time, Work, logger);
    }

    /// <summary>What waits.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _queue.Count;
            }
        }
    }

    /// <summary>Does something after a while; what it throws is logged.</summary>
    public void In(TimeSpan wait, Action action)
    {
        lock (_gate)
        {
            if (!_disposed)
            {
                _queue.Enqueue(action, _clock.Add(_clock.Now, wait));
                ScheduleLocked();
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            _queue.Clear();
        }

        _timer.Dispose();
    }

    private void Work()
    {
        while (Next() is { } action)
        {
            BackgroundWork.Guard("agenda", action, _logger);
        }
    }

    private Action? Next()
    {
        lock (_gate)
        {
            if (_queue.TryPeek(out var action, out var due) && due <= _clock.Now)
            {
                _queue.Dequeue();
                return action;
            }

            ScheduleLocked();
            return null;
        }
    }

    private void ScheduleLocked()
    {
        if (!_disposed && _queue.TryPeek(out _, out var due))
        {
            // A millisecond more: timers may come a little early by the clock that timestamps are read from.
            var wait = _clock.Until(_clock.Now, due) + TimeSpan.FromMilliseconds(1);
            _timer.Change(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }
    }
}
