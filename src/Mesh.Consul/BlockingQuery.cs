namespace Mesh.Consul;

/// <summary>A watch on one read of Consul: asks, blocks, hands on what changed, and never gives up.</summary>
/// <remarks>
/// <para>The first read, and every read after a failure, is answered at once; the others block until the index passes
/// the one seen. Every answer is handed on, also one that changed nothing: it says how fresh the last good state
/// is.</para>
/// <para>An index that goes backwards is confirmed by a <c>consistent</c> read before the observer hears of it, so a
/// stale read from a lagging server is not mistaken for a lost history.</para>
/// <para>When more watches than <see cref="ConsulClientOptions.MaxBlockingQueries"/> run on one client, they take
/// turns: one without a slot reads every five seconds or so, and no slot is held longer than ten seconds.</para>
/// <para>An observer that throws is treated as a failed read: the answer is asked for again after a pause.</para>
/// </remarks>
/// <typeparam name="T">What is watched.</typeparam>
public sealed class BlockingQuery<T>
{
    private readonly ConsulClient _client;
    private readonly Func<ConsulQuery, CancellationToken, Task<ConsulResponse<T>>> _read;
    private readonly BlockingQueryOptions _options;
    private readonly TimeProvider _time;
    private readonly Random _random;

    /// <summary>Creates the watch; <see cref="RunAsync"/> starts it.</summary>
    /// <param name="client">Bounds how many watches block at once.</param>
    /// <param name="read">The read, e.g. <c>(q, ct) => client.GetServiceHealthAsync("orders", q, ct)</c>.</param>
    /// <param name="options">Wait, consistency, datacenter and pacing.</param>
    /// <param name="time">The clock.</param>
    /// <param name="random">Jitter; thread-safe (as <see cref="Random.Shared"/> is) or used by this watch
    /// alone.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its documented range.</exception>
    public BlockingQuery(
        ConsulClient client,
        Func<ConsulQuery, CancellationToken, Task<ConsulResponse<T>>> read,
        BlockingQueryOptions options,
        TimeProvider time,
        Random random)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(read);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        ArgumentNullException.ThrowIfNull(random);
        options.Validate();
        _client = client;
        _read = read;
        _options = options;
        _time = time;
        _random = random;
    }

    /// <summary>
    /// Runs until cancelled. Never throws but for cancellation. Nothing of the caller's context flows into it.
    /// </summary>
    /// <param name="observer">Hears answers and failures.</param>
    /// <param name="cancellationToken">Ends the watch.</param>
    /// <returns>A task that ends only as cancelled.</returns>
    public Task RunAsync(IBlockingQueryObserver<T> observer, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(observer);
        var loop = new BlockingQueryLoop<T>(_client.Slots, _read, _options, _time, _random, observer);

        // The loop outlives the call or request that happened to start it; its trace and its locals must not ride
        // along.
        if (ExecutionContext.IsFlowSuppressed())
        {
            return Task.Run(() => loop.RunAsync(cancellationToken), CancellationToken.None);
        }

        using (ExecutionContext.SuppressFlow())
        {
            return Task.Run(() => loop.RunAsync(cancellationToken), CancellationToken.None);
        }
    }
}
