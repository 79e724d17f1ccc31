using System.Diagnostics;

namespace Mesh.Scenarios.Tests.Support;

/// <summary>
/// Numbered calls at a steady rate by so many workers, each with one call at a time, which is why a machine that is
/// busy makes them slower rather than longer. Every number is called once.
/// </summary>
internal sealed class PacedCalls(int workers, int rate, Func<int, Task> call) : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Stopwatch _watch = new();
    private Task[] _workers = [];
    private int _begun;
    private int _ended;

    /// <summary>Calls that ended, well or not.</summary>
    public int Ended => Volatile.Read(ref _ended);

    /// <summary>How long it has been going on, or went on.</summary>
    public TimeSpan Elapsed => _watch.Elapsed;

    public void Start()
    {
        _watch.Start();
        _workers = [.. Enumerable.Range(0, workers).Select(_ => Task.Run(WorkAsync))];
    }

    /// <summary>Ends it; every call begun is accounted for afterwards.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_workers);
        _watch.Stop();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    private async Task WorkAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            var number = Interlocked.Increment(ref _begun) - 1;
            var wait = TimeSpan.FromSeconds((double)number / rate) - _watch.Elapsed;
            if (wait > TimeSpan.FromMilliseconds(1))
            {
                await Task.Delay(wait);
            }

            await call(number);
            Interlocked.Increment(ref _ended);
        }
    }
}
