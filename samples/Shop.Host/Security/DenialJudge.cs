using System.Diagnostics;

namespace Shop.Host.Security;

/// <summary>
/// Judges every call of the customers by what the operator has just said of one edge: denied calls are no failures while
/// it is denied, and for a second after; everything else that is denied is.
/// </summary>
internal sealed class DenialJudge
{
    /// <summary>How soon the edge must be denied everywhere, and allowed again.</summary>
    public static readonly TimeSpan Bound = TimeSpan.FromSeconds(1);

    // Guards all fields: calls end on many threads, and what one of them says is judged by both times at once.
    private readonly Lock _lock = new();
    private long? _denied;
    private long? _allowed;
    private TimeSpan _lastPassed;
    private TimeSpan _lastDenied;
    private long _deniedCalls;
    private long _passedTooLate;
    private long _deniedTooLate;
    private long _others;

    /// <summary>The operator is about to deny the edge.</summary>
    public void Deny()
    {
        lock (_lock)
        {
            _denied = Stopwatch.GetTimestamp();
        }
    }

    /// <summary>The operator is about to allow it again.</summary>
    public void Allow()
    {
        lock (_lock)
        {
            _allowed = Stopwatch.GetTimestamp();
        }
    }

    /// <summary>A call was answered well.</summary>
    /// <param name="isOnEdge">It needed the edge.</param>
    /// <param name="started">When it was sent, a timestamp of <see cref="Stopwatch"/>.</param>
    public void OnPassed(bool isOnEdge, long started)
    {
        lock (_lock)
        {
            if (isOnEdge && _denied is { } denied && _allowed is null && started > denied)
            {
                var after = Stopwatch.GetElapsedTime(denied, started);
                _lastPassed = after > _lastPassed ? after : _lastPassed;
                _passedTooLate += after > Bound ? 1 : 0;
            }
        }
    }

    /// <summary>A call was answered with 403.</summary>
    /// <returns>True when that is what the operator wants: it has not failed.</returns>
    public bool OnDenied(bool isOnEdge, long started)
    {
        lock (_lock)
        {
            if (!isOnEdge || _denied is null)
            {
                _others++;
                return false;
            }

            if (_allowed is { } allowed && started > allowed)
            {
                var after = Stopwatch.GetElapsedTime(allowed, started);
                _lastDenied = after > _lastDenied ? after : _lastDenied;
                if (after > Bound)
                {
                    _deniedTooLate++;
                    return false;
                }
            }

            _deniedCalls++;
            return true;
        }
    }

    public IntentionsReport? Report(string edge)
    {
        lock (_lock)
        {
            return _denied is null
                ? null
                : new IntentionsReport(
                    edge, _deniedCalls, Milliseconds(_lastPassed), _passedTooLate, Milliseconds(_lastDenied), _deniedTooLate,
                    _others, IsAllowedAgain: _allowed is not null);
        }
    }

    private static double Milliseconds(TimeSpan time) => Math.Round(time.TotalMilliseconds);
}
