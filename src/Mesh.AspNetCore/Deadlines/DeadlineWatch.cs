using Mesh.Client.Attempts;
using Mesh.Client.Pipeline;

namespace Mesh.AspNetCore.Deadlines;

/// <summary>
/// The token of a request with a deadline: cancelled by it and with the connection. Made for one request and never used
/// for another, since the application may keep the token.
/// </summary>
internal sealed class DeadlineWatch
{
    private readonly ServedRequest _served;
    private readonly CancellationToken _aborted;
    private readonly CancellationTokenSource _source;
    private bool _passed;

    public DeadlineWatch(ServedRequest served, CancellationToken aborted)
    {
        (_served, _aborted) = (served, aborted);
        _source = new CancellationTokenSource(Left(), served.Time);
    }

    public CancellationToken Token => _source.Token;

    /// <summary>
    /// The deadline is over, and its caller still there: a caller that closed the connection is told nothing any more.
    /// </summary>
    /// <remarks>Asked of the token, too: its timer may fire a little before the timestamp is reached.</remarks>
    public bool HasPassed =>
        !_aborted.IsCancellationRequested &&
        (_passed || (_passed = _source.IsCancellationRequested || _served.Time.GetTimestamp() >= _served.Due));

    /// <summary>Cancels the token with the connection, until disposed.</summary>
    public CancellationTokenRegistration Tie() =>
        _aborted.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), _source);

    /// <summary>The response headers are about to be sent: a deadline that was for them is met.</summary>
    public Task ResponseBeginsAsync()
    {
        if (!_served.IsEnded && !HasPassed)
        {
            _served.ResponseBegan();
            _source.CancelAfter(Left());
        }

        return Task.CompletedTask;
    }

    /// <summary>The request ends; its token is nobody's deadline any more.</summary>
    public void End()
    {
        _ = HasPassed;
        _source.CancelAfter(Timeout.InfiniteTimeSpan);
        _served.End();
    }

    // Rounded up to whole milliseconds: timers are no finer, and one that fires early would find nothing due.
    private TimeSpan Left()
    {
        var due = _served.Due;
        if (due == AttemptDeadline.Never)
        {
            return Timeout.InfiniteTimeSpan;
        }

        var left = _served.Time.GetElapsedTime(_served.Time.GetTimestamp(), due);
        return TimeSpan.FromMilliseconds(Math.Max(0, Math.Ceiling(left.TotalMilliseconds)));
    }
}
