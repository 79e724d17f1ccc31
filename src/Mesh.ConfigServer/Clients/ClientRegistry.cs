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

    private readonly ConcurrentDictionary<string, KnownClient> _clients = new(StringComparer.Ordinal);
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

    public ClientRegistry(IOptions<DeskOptions> options, TimeProvider time)
    {
        _options = options.Value;
        _time = time;
    }

    /// <summary>False when this instance reports too often.</summary>
    public bool MayReport(string instance)
    {
        using var lease = _limiter.AttemptAcquire(instance);
        return lease.IsAcquired;
    }

    /// <summary>False when there is no room for one more client.</summary>
    public bool HasRoomFor(string instance)
    {
        if (_clients.ContainsKey(instance) || _clients.Count < _options.MaxClients)
        {
            return true;
        }

        Expire();
        return _clients.Count < _options.MaxClients;
    }

    public void Put(ClientReport report) => _clients[report.Instance] = new KnownClient(
        _time.GetUtcNow(), _time.GetTimestamp(), report with { Understands = null, Inbound = null },
        _vocabularies.Share(report.Understands))
    {
        HasDoor = report.Inbound is not null,
    };

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

    private void Expire()
    {
        foreach (var client in _clients)
        {
            if (_time.GetElapsedTime(client.Value.SeenAt) > _options.ClientExpiry)
            {
                _clients.TryRemove(client);
            }
        }
    }
}
