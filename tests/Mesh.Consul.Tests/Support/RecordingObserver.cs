using System.Threading.Channels;

namespace Mesh.Consul.Tests;

/// <summary>Keeps what a watch tells, in order, and lets a test wait for it.</summary>
internal sealed class RecordingObserver<T> : IBlockingQueryObserver<T>
{
    private readonly Channel<Event> _events = Channel.CreateUnbounded<Event>();

    /// <summary>What the next result makes the observer throw, once.</summary>
    public Exception? ThrowOnResult { get; set; }

    /// <summary>What every failure makes the observer throw.</summary>
    public Exception? ThrowOnFailure { get; set; }

    public ValueTask OnResultAsync(ConsulResponse<T> response, BlockingQueryTransition transition)
    {
        if (ThrowOnResult is { } error)
        {
            ThrowOnResult = null;
            throw error;
        }

        _events.Writer.TryWrite(new Event(response, transition, null, 0));
        return ValueTask.CompletedTask;
    }

    public void OnFailure(Exception error, int failures)
    {
        _events.Writer.TryWrite(new Event(null, BlockingQueryTransition.None, error, failures));
        if (ThrowOnFailure is { } thrown)
        {
            throw thrown;
        }
    }

    public async Task<Event> NextAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        return await _events.Reader.ReadAsync(patience.Token);
    }

    /// <summary>Waits for a result, past any failures.</summary>
    public async Task<Event> NextResultAsync(Func<ConsulResponse<T>, bool>? wanted = null)
    {
        while (true)
        {
            var next = await NextAsync();
            if (next.Response is { } response && (wanted is null || wanted(response)))
            {
                return next;
            }
        }
    }

    internal sealed record Event(
        ConsulResponse<T>? Response, BlockingQueryTransition Transition, Exception? Error, int Failures);
}
