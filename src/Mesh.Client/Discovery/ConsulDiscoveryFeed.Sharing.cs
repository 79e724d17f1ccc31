using Mesh.Client.Pipeline;

namespace Mesh.Client.Discovery;

/// <content>
/// One watch for all services, when more are called than the agent should have connections for, or when it has none left.
/// </content>
internal sealed partial class ConsulDiscoveryFeed
{
    /// <summary>Up to this many connections there is nothing worth giving back.</summary>
    private const int Modest = 3;

    /// <summary>
    /// How long this process makes do with one watch after the agent ran out of connections, +-20 %; doubled each time up
    /// to sixteen-fold. Who shares a machine today does so in an hour, and trying again turns somebody away.
    /// </summary>
    private static readonly TimeSpan Thrift = TimeSpan.FromHours(1);

    private SharedWatch? _shared;
    private bool _thrifty;
    private int _thriftRounds;

    /// <summary>One watch stands for all of them.</summary>
    internal bool IsShared
    {
        get
        {
            lock (_gate)
            {
                return _shared is not null;
            }
        }
    }

    // Told by a watch in the middle of its own failure, which sharing would end: another thread does it.
    private void OnLimitReached() => _ = BackgroundWork.Start(
        "sharing one watch",
        _ =>
        {
            Economize();
            return Task.CompletedTask;
        },
        _context.Logger,
        CancellationToken.None);

    private void Economize()
    {
        lock (_gate)
        {
            if (_disposed || _thrifty)
            {
                return;
            }

            _thrifty = true;
            var length = Thrift * (1 << Math.Min(_thriftRounds++, 4)) * (0.8 + (0.4 * _context.Random.NextDouble()));
            _relax.Change(length, Timeout.InfiniteTimeSpan);
            if (_shared is null && _active.Count > 1)
            {
                ShareLocked();
            }

            ProbeLocked();
        }
    }

    private void Relax()
    {
        lock (_gate)
        {
            _thrifty = false;
            UnshareIfFewLocked();
            ProbeLocked();
        }
    }

    /// <summary>Asks for trouble only while there is something to give back.</summary>
    private void ProbeLocked() => _probe.Run(!_disposed && _shared is null && _active.Count > Modest);

    private void StartLocked(ServiceWatch watch)
    {
        watch.Start(ownQuery: _shared is null || watch.IsSidecar);
        if (!watch.IsSidecar)
        {
            _shared?.Add(watch);
        }
    }

    private void ShareLocked()
    {
        DiscoveryLog.Shared(_context.Logger, Math.Max(_active.Count, _declared), _thrifty ? 1 : _limit);
        _shared = new SharedWatch(_context);
        foreach (var name in _active)
        {
            StartLocked(_watches[name]);
        }

        _shared.Start();
    }

    private void UnshareIfFewLocked()
    {
        // Three quarters, so that one service coming and going does not switch back and forth.
        var few = _thrifty ? 0 : _limit * 3 / 4;
        if (_disposed || _shared is null || Math.Max(_active.Count, _declared) > few)
        {
            return;
        }

        DiscoveryLog.Own(_context.Logger, _active.Count);
        _shared!.Dispose();
        _shared = null;
        foreach (var name in _active)
        {
            StartLocked(_watches[name]);
        }
    }
}
