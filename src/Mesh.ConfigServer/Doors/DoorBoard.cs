using Mesh.AspNetCore.Door;
using Mesh.Client;
using Mesh.Policy;
using Microsoft.Extensions.Options;

namespace Mesh.ConfigServer.Doors;

/// <summary>
/// What the doors of the mesh have told in the last 24 hours, those of processes that have ended since included. In memory
/// only: each report says a whole day, so that after a restart of the desk only what had ended before is missing, and
/// <see cref="ListeningFor"/> says since when nothing is.
/// </summary>
internal sealed class DoorBoard
{
    /// <summary>How far back it goes.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromHours(24);

    /// <summary>Of each kind in one report; who says more is no client of ours.</summary>
    public const int MaxRowsOfKind = 256;

    /// <summary>More than a process counts in a day, and little enough for the sum of all rows.</summary>
    private const long MaxCount = 1L << 40;

    /// <summary>No service, address or rule has a longer name.</summary>
    private const int MaxName = 256;

    /// <summary>All of them take some hundred megabytes; then those that ended first are forgotten, and that is told.</summary>
    private const int MaxRows = 500_000;

    private static readonly TimeSpan SweepEvery = TimeSpan.FromMinutes(1);

    private readonly DeskOptions _options;
    private readonly TimeProvider _time;

    // Guards the fields below; held for a lookup, or for a walk over what has ended once a minute.
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Service, string Instance, DateTimeOffset Since), KnownDoor> _doors = [];
    private int _rows;
    private long _completeFrom;
    private long _sweptAt;

    public DoorBoard(IOptions<DeskOptions> options, TimeProvider time)
    {
        (_options, _time) = (options.Value, time);
        _completeFrom = _sweptAt = time.GetTimestamp();
    }

    /// <summary>For how long nothing that was told is missing.</summary>
    public TimeSpan ListeningFor
    {
        get
        {
            lock (_gate)
            {
                return _time.GetElapsedTime(_completeFrom);
            }
        }
    }

    /// <summary>Takes what a process says; nothing of one without a door.</summary>
    public void Put(ClientReport report)
    {
        if (report.Inbound is not { } inbound)
        {
            return;
        }

        var door = new KnownDoor(report.Service, report.Instance, Bounded(inbound), _time.GetTimestamp());
        lock (_gate)
        {
            // A process that was started anew under the name of one that ended has its own entry.
            var key = (report.Service, report.Instance, inbound.Since);
            _rows -= _doors.GetValueOrDefault(key)?.Rows ?? 0;
            _doors[key] = door;
            _rows += door.Rows;
            SweepLocked();
        }
    }

    /// <summary>Everything told in the last 24 hours.</summary>
    public KnownDoor[] Doors()
    {
        lock (_gate)
        {
            return [.. _doors.Values.Where(d => _time.GetElapsedTime(d.HeardAt) <= Kept)];
        }
    }

    /// <summary>The process reports still.</summary>
    public bool IsAlive(KnownDoor door) => _time.GetElapsedTime(door.HeardAt) <= _options.ClientExpiry;

    private static InboundReport Bounded(InboundReport inbound) => inbound with
    {
        Tls = Named(inbound.Tls),
        Intentions = Named(inbound.Intentions),
        Identity = inbound.Identity is { Length: > SpiffeId.MaxLength } ? "" : inbound.Identity,
        Plaintext =
        [
            .. inbound.Plaintext.Take(MaxRowsOfKind)
                .Select(row => row with { Caller = Named(row.Caller), Count = Counted(row.Count) }),
        ],
        WouldDeny =
        [
            .. inbound.WouldDeny.Take(MaxRowsOfKind)
                .Select(row => row with { Caller = Named(row.Caller), Rule = Named(row.Rule), Count = Counted(row.Count) }),
        ],
    };

    private static string Named(string name) => name.Length <= MaxName ? name : DoorLedger.Others;

    private static long Counted(long count) => Math.Clamp(count, 0, MaxCount);

    private void SweepLocked()
    {
        var isFull = _rows > MaxRows || _doors.Count > 2L * _options.MaxClients;
        if (!isFull && _time.GetElapsedTime(_sweptAt) < SweepEvery)
        {
            return;
        }

        _sweptAt = _time.GetTimestamp();
        foreach (var (key, door) in _doors.Where(d => _time.GetElapsedTime(d.Value.HeardAt) > Kept).ToArray())
        {
            RemoveLocked(key, door);
        }

        if (isFull)
        {
            ForgetLocked();
        }
    }

    /// <summary>A tenth at once, those heard last staying, so that a full board does not sort at every report.</summary>
    private void ForgetLocked()
    {
        foreach (var (key, door) in _doors.OrderBy(d => d.Value.HeardAt).Take(1 + (_doors.Count / 10)).ToArray())
        {
            RemoveLocked(key, door);
        }

        _completeFrom = _time.GetTimestamp();
    }

    private void RemoveLocked((string Service, string Instance, DateTimeOffset Since) key, KnownDoor door)
    {
        _doors.Remove(key);
        _rows -= door.Rows;
    }
}
