namespace Mesh.Consul;

/// <summary>A watch on one read of Consul: asks, blocks, hands on what changed, and never gives up.</summary>
/// <typeparam name="T">What is watched.</typeparam>
public sealed class BlockingQuery<T>
{
    /// <summary>Creates the watch; <see cref="RunAsync"/> starts it.</summary>
    /// <param name="client">Bounds how many watches block at once.</param>
    /// <param name="read">The read, e.g. <c>(q, ct) => client.GetServiceHealthAsync("orders", q, ct)</c>.</param>
    /// <param name="options">Wait, consistency, datacenter and pacing.</param>
    /// <param name="time">The clock.</param>
    /// <param name="random">Jitter.</param>
    public BlockingQuery(
        ConsulClient client,
        Func<ConsulQuery, CancellationToken, Task<ConsulResponse<T>>> read,
        BlockingQueryOptions options,
        TimeProvider time,
        Random random) => throw new NotImplementedException();

    /// <summary>Runs until cancelled. Never throws but for cancellation.</summary>
    public Task RunAsync(IBlockingQueryObserver<T> observer, CancellationToken cancellationToken) => throw new NotImplementedException();
}
