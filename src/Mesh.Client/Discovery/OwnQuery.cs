using Mesh.Client.Pipeline;
using Mesh.Consul;

namespace Mesh.Client.Discovery;

/// <summary>
/// A service's own blocking query. It is not cut off when it is no longer wanted: an agent counts a blocked read, and its
/// connection, until the wait is over, also when nobody waits for it any more [tried on 1.8.7]. Its answer is still good,
/// and the connection goes back to the pool with it.
/// </summary>
internal sealed class OwnQuery(ServiceWatch watch, DiscoveryContext context) : IBlockingQueryObserver<ServiceHealth[]>
{
    private readonly CancellationTokenSource _ended = new();
    private volatile bool _retired;
    private volatile bool _forgotten;

    /// <summary>Begins to ask; ends with the token, or with the first answer after <see cref="Retire"/>.</summary>
    public void Start(CancellationToken life)
    {
        var query = new BlockingQuery<ServiceHealth[]>(
            context.Client,
            (q, ct) => context.ReadAsync(watch.Service, q, ct),
            new BlockingQueryOptions { Datacenter = context.Datacenter },
            context.Time,
            context.Random);
        _ = BackgroundWork.Start(
            $"watch {watch.Service}",
            _ => RunAsync(query, life),
            context.Logger,
            life);
    }

    /// <summary>Another supplies the watch from now on: asks no more once the read under way has its answer.</summary>
    /// <param name="forget">Its answer is not wanted either: the token it was asked with is another one now.</param>
    public void Retire(bool forget)
    {
        _forgotten = forget;
        _retired = true;
    }

    public ValueTask OnResultAsync(ConsulResponse<ServiceHealth[]> response, BlockingQueryTransition transition)
    {
        if (!_retired)
        {
            return watch.OnResultAsync(response, transition);
        }

        // It is as good as any, unless the successor was told of something newer meanwhile.
        _ended.Cancel();
        return _forgotten || response.Index < watch.Index
            ? ValueTask.CompletedTask
            : watch.OnResultAsync(response, BlockingQueryTransition.None);
    }

    public void OnFailure(Exception error, int failures)
    {
        if (_retired)
        {
            _ended.Cancel();
        }
        else
        {
            watch.OnFailure(error, failures);
        }
    }

    private async Task RunAsync(BlockingQuery<ServiceHealth[]> query, CancellationToken life)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(life, _ended.Token);
        try
        {
            await query.RunAsync(this, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_ended.IsCancellationRequested)
        {
            // Retired, and done.
        }
    }
}
