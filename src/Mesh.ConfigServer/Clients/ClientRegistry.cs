using System.Collections.Concurrent;
using System.Threading.RateLimiting;
using Mesh.Policy;
using Microsoft.Extensions.Options;

namespace Mesh.ConfigServer.Clients;

/// <summary>
/// What the processes of the mesh last said about themselves, in memory only: each says it again soon.
/// </summary>
internal sealed class ClientRegistry : IDisposable
{
    // A report follows each change of policy and a steady beat besides; ten at once is a burst of edits.
    private const int Burst = 10;
    private const int PerSecond = 2;

    /// <summary>What all clients may have said together: several times what twenty thousand ordinary ones do.</summary>
    private const long MaxBytes = 512L * 1024 * 1024;

    // By service, too: a member speaks for its own, and so cannot take the place of another service's instance.
    private readonly ConcurrentDictionary<(string Service, string Instance), KnownClient> _clients = new();
    private readonly Vocabularies _vocabularies = new();
    private readonly PartitionedRateLimiter<string> _limiter = PartitionedRateLimiter.Create<string, string>(
        instance => RateLimitPartition.GetTokenBucketLimiter(instance, _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = Burst,
            TokensPerPeriod = PerSecond,
            ReplenishmentPeriod = TimeSpan.FromSeconds(1),
            AutoReplenishment = true,
        }),
        StringComparer.Ordinal);

    private readonly DeskOptions _options;
    private readonly TimeProvider _time;
    private long _bytes;

    public ClientRegistry(IOptions<DeskOptions> options, TimeProvider time)
    {
        _options = options.Value;
        _time = time;
    }

    /// <summary>False when this instance reports too often.</summary>
    /// <param name="asker">Who reports: nobody uses up what is another's.</param>
    /// <param name="instance">The instance.</param>
    public bool MayReport(string asker, string instance)
    {
        using var lease = _limiter.AttemptAcquire($"{asker} {instance}");
        return lease.IsAcquired;
    }

    /// <summary>False when there is no room for what this client says.</summary>
    /// <param name="report">What it says.</param>
    /// <param name="bytes">What it costs.</param>
    public bool HasRoomFor(ClientReport report, int bytes)
    {
        if (Fits(report, bytes))
        {
            return true;
        }

        Expire();
        return Fits(report, bytes);
    }

    /// <summary>Takes what a client says.</summary>
    /// <param name="report">What it says.</param>
    /// <param name="bytes">What it costs.</param>
    public void Put(ClientReport report, int bytes = 0)
    {
        var known = new KnownClient(
            _time.GetUtcNow(), _time.GetTimestamp(), report with { Understands = null, Inbound = null },
            _vocabularies.Share(report.Understands))
        {
            Bytes = bytes,
            HasDoor = report.Inbound is not null,
        };
        var before = 0;
        _clients.AddOrUpdate(
            Key(report),
            _ =>
            {
                before = 0;
                return known;
            },
            (_, old) =>
            {
                before = old.Bytes;
                return known;
            });
        Interlocked.Add(ref _bytes, bytes - before);
    }

    /// <summary>Which of the clients that a document concerns would obey all of it.</summary>
    public ObedienceWire Ask(PolicyKey key, ReadOnlyMemory<byte> document)
    {
        Expire();
        return Obedience.Of(key, document, _clients.Values);
    }

    /// <summary>How many clients of each service say nothing of a door.</summary>
    public Dictionary<string, int> WithoutDoor()
    {
        Expire();
        return _clients.Values.Where(c => !c.HasDoor).GroupBy(c => c.Report.Service, StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => g.Count(), StringComparer.Ordinal);
    }

    /// <summary>The services that clients are instances of.</summary>
    public string[] Services() => [.. _clients.Values.Select(c => c.Report.Service).Distinct(StringComparer.Ordinal)];

    /// <summary>Which services the clients of one call.</summary>
    public string[] UpstreamsOf(string service) =>
    [
        .. _clients.Values.Where(c => c.Report.Service == service).SelectMany(c => c.Report.Upstreams ?? [])
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal),
    ];

    /// <summary>How many clients are known.</summary>
    public int Count => _clients.Count;

    public ClientListWire List()
    {
        Expire();
        return new ClientListWire
        {
            Clients =
            [
                .. _clients.Values.OrderBy(c => c.Report.Service, StringComparer.Ordinal)
                    .ThenBy(c => c.Report.Instance, StringComparer.Ordinal)
                    .Select(c => new ClientListEntryWire(c.LastSeen, c.Report)),
            ],
        };
    }

    public void Dispose() => _limiter.Dispose();

    private static (string Service, string Instance) Key(ClientReport report) => (report.Service, report.Instance);

    private bool Fits(ClientReport report, int bytes)
    {
        var known = _clients.GetValueOrDefault(Key(report));
        return (known is not null || _clients.Count < _options.MaxClients) &&
            Interlocked.Read(ref _bytes) - (known?.Bytes ?? 0) + bytes <= MaxBytes;
    }

    private void Expire()
    {
        foreach (var client in _clients)
        {
            if (_time.GetElapsedTime(client.Value.SeenAt) > _options.ClientExpiry && _clients.TryRemove(client))
            {
                Interlocked.Add(ref _bytes, -client.Value.Bytes);
            }
        }
    }
}
