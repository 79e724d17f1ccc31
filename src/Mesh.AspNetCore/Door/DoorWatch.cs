using Mesh.Client;
using Mesh.Client.Pipeline;
using Mesh.Client.Policies;
using Mesh.Policy;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Mesh.AspNetCore.Door;

/// <summary>
/// Carries changes to the connections that are open already. Strict: those that proved nothing are asked to close. A root
/// that is trusted no longer: those verified while it was, one after the other, so that their callers do not all come back
/// at once. A peer's certificate that has ended: its connection. Whatever is in flight is finished; who goes on beginning
/// requests all the same is refused by <see cref="DoorMiddleware"/>.
/// </summary>
internal sealed class DoorWatch(
    DoorKeeper keeper,
    OwnPolicy policy,
    IMeshIdentity identity,
    SlowBodies bodies,
    DoorInstruments instruments,
    TimeProvider time,
    [FromKeyedServices("mesh")] Random random,
    ILogger<DoorWatch> logger) : IHostedService, IDisposable
{
    /// <summary>Over how long callers are spread that must connect again.</summary>
    internal static readonly TimeSpan Spread = TimeSpan.FromSeconds(30);

    /// <summary>How long a request may have been on its way when its sender was asked to go.</summary>
    internal static readonly TimeSpan LastCall = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);
    private const int TicksBetweenLooks = 15;

    private readonly CancellationTokenSource _stop = new();
    private InboundTls _mode;
    private ITimer? _timer;
    private int _ticks;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _mode = keeper.Mode;
        instruments.Observe(keeper.Connections);
        policy.Changed += OnPolicy;
        identity.Changed += OnIdentity;
        keeper.Connections.Secured += Begin;
        if (keeper.Connections.IsSecured)
        {
            Begin();
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        End();
        return Task.CompletedTask;
    }

    public void Dispose()
    {
        End();
        _stop.Dispose();
    }

    /// <summary>A process that nobody calls over TLS has nothing to look at, and keeps no timer.</summary>
    private void Begin()
    {
        var timer = BackgroundWork.CreateTimer(time, Look, logger);
        if (Interlocked.CompareExchange(ref _timer, timer, null) is not null || _stop.IsCancellationRequested)
        {
            timer.Dispose();
            return;
        }

        timer.Change(Tick, Tick);
    }

    private void End()
    {
        keeper.Connections.Secured -= Begin;
        policy.Changed -= OnPolicy;
        identity.Changed -= OnIdentity;

        // Before the timer, for whoever is about to make one.
        if (!_stop.IsCancellationRequested)
        {
            _stop.Cancel();
        }

        _timer?.Dispose();
    }

    private void OnPolicy()
    {
        var mode = keeper.Mode;
        if (mode == _mode)
        {
            return;
        }

        _mode = mode;
        var closed = mode == InboundTls.Strict ? keeper.Connections.Close(c => keeper.IsForStrangers(c, c.Remote)) : 0;
        DoorLog.ModeChanged(logger, mode, closed);
    }

    private void OnIdentity()
    {
        var distrusted = Distrusted();
        if (distrusted.Count > 0)
        {
            _ = BackgroundWork.Start("door", ct => CloseInTurnAsync(distrusted, ct), logger, _stop.Token);
            DoorLog.RootGone(logger, distrusted.Count, Spread);
        }
    }

    /// <summary>Those verified while more was trusted, and not told of before.</summary>
    private IReadOnlyList<DoorConnection> Distrusted() => identity.Current is not { } current
        ? []
        : keeper.Connections.Where(c => c is { Lapse: null, Peer: { } peer } &&
            HasMoreRoots(peer.VerifiedWith, current) && c.Lapses(MeshReasons.PeerUntrusted));

    private void Dismiss(DoorConnection connection) =>
        connection.Dismiss(CallDues.Later(time, time.GetTimestamp(), LastCall));

    private static bool HasMoreRoots(MeshIdentity before, MeshIdentity now) =>
        !ReferenceEquals(before, now) && before.Roots.Any(domain =>
            !now.Roots.TryGetValue(domain.Key, out var left) || domain.Value.Any(root => !left.Contains(root)));

    private async Task CloseInTurnAsync(IReadOnlyList<DoorConnection> connections, CancellationToken cancellationToken)
    {
        var moments = connections.Select(_ => Spread * random.NextDouble()).Order().ToArray();
        for (var i = 0; i < moments.Length; i++)
        {
            var pause = moments[i] - (i == 0 ? TimeSpan.Zero : moments[i - 1]);
            await Task.Delay(pause, time, cancellationToken).ConfigureAwait(false);
            Dismiss(connections[i]);
        }
    }

    private void Look()
    {
        var slow = bodies.Sweep();
        for (var i = 0; i < slow; i++)
        {
            instruments.Refused(MeshReasons.SlowBody);
        }

        if (++_ticks % TicksBetweenLooks == 0)
        {
            var now = time.GetUtcNow();
            var ended = keeper.Connections.Where(
                c => c is { Lapse: null, Peer: { } peer } && peer.NotAfter < now && c.Lapses(MeshReasons.PeerExpired));

            // A handshake that began before a root was gone may end, and its first request come, long after.
            foreach (var connection in ended.Concat(Distrusted()))
            {
                Dismiss(connection);
            }

            if (ended.Count > 0)
            {
                DoorLog.PeersExpired(logger, ended.Count);
            }
        }
    }
}
