namespace Mesh.Consul.Tests;

/// <summary>A watch on a real agent in real time.</summary>
internal sealed class RunningWatch<T> : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    public RunningWatch(
        ConsulClient client,
        Func<ConsulQuery, CancellationToken, Task<ConsulResponse<T>>> read,
        BlockingQueryOptions? options = null) =>
        _running = new BlockingQuery<T>(client, read, options ?? new(), TimeProvider.System, Random.Shared)
            .RunAsync(Observer, _stop.Token);

    public RecordingObserver<T> Observer { get; } = new();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _running.WaitAsync(TimeSpan.FromSeconds(20)));
        _stop.Dispose();
    }
}
