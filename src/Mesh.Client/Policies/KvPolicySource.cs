using Mesh.Client.Pipeline;
using Mesh.Client.Telemetry;
using Mesh.Consul;
using Mesh.Policy;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Policies;

/// <summary>
/// Documents straight from Consul KV: one blocking query on the mesh's prefix, of which only what concerns this process is
/// read. Never queues behind the watches of endpoints.
/// </summary>
internal sealed class KvPolicySource : IBlockingQueryObserver<KvEntry[]>, IDisposable
{
    private static readonly TimeSpan Repeat = TimeSpan.FromMinutes(1);

    private readonly ConsulClient _client;
    private readonly KvReader _reader;
    private readonly PolicyStore _store;
    private readonly MeshInstruments _instruments;
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly ILogger _logger;
    private readonly BlockingQueryOptions _options;

    // Guards the listing, which a newly attached upstream reads from another thread. Taken around hand-overs to the store,
    // so that they keep their order; the store never calls back here.
    private readonly Lock _gate = new();
    private Dictionary<PolicyKey, PolicyText> _listing = [];
    private bool _answered;

    // Touched by the observer only, which is never called concurrently.
    private ulong _index;
    private string _leader = "";
    private long? _lostSince;
    private long _saidAt;

    private CancellationTokenSource? _life;

    public KvPolicySource(
        ConsulClient client,
        KvReader reader,
        string? datacenter,
        PolicyStore store,
        MeshInstruments instruments,
        TimeProvider time,
        Random random,
        ILogger<KvPolicySource> logger)
    {
        (_client, _reader, _store, _instruments) = (client, reader, store, instruments);
        (_time, _random, _logger) = (time, random, logger);
        _options = new BlockingQueryOptions { Priority = true, Datacenter = datacenter };
    }

    /// <summary>KV was read at least once, also when it was empty.</summary>
    public bool HasAnswered
    {
        get
        {
            lock (_gate)
            {
                return _answered;
            }
        }
    }

    /// <summary>Begins to watch; harmless when it already does.</summary>
    public void Start()
    {
        if (_life is not null)
        {
            return;
        }

        _life = new CancellationTokenSource();
        var query = new BlockingQuery<KvEntry[]>(
            _client, (q, ct) => _client.ListKeysAsync(_reader.Prefix, q, ct), _options, _time, _random);
        _ = BackgroundWork.Start("policy watch", ct => query.RunAsync(this, ct), _logger, _life.Token);
    }

    /// <summary>Stops to watch; what is in force stays.</summary>
    public void Stop()
    {
        _life?.Cancel();
        _life?.Dispose();
        _life = null;
        lock (_gate)
        {
            _listing = [];
        }
    }

    /// <summary>An upstream came: what the listing says about it concerns this process from now on.</summary>
    public void Attached(string service)
    {
        lock (_gate)
        {
            var texts = _listing.Values.Where(t => t.Key.Name == service && t.Key.Scope == PolicyScope.Service).ToArray();
            if (texts.Length > 0)
            {
                _store.Apply(PolicySource.Kv, texts, []);
            }
        }
    }

    public async ValueTask OnResultAsync(ConsulResponse<KvEntry[]> response, BlockingQueryTransition transition)
    {
        var token = _life?.Token ?? new CancellationToken(canceled: true);
        var datacenter = await _reader.DatacenterAsync(token).ConfigureAwait(false);
        var leader = await _reader.LeaderAsync(token).ConfigureAwait(false);
        var listing = Parse(response.Value, datacenter);
        var known = _store.Documents
            .Where(d => d.Value is { Orphaned: false, Source: not PolicySource.Files })
            .Select(d => d.Key)
            .ToArray();
        var missing = known.Where(k => !listing.ContainsKey(k)).ToArray();
        var absence = new KvAbsence
        {
            Known = known.Length,
            Missing = missing.Length,
            Transition = transition,
            LeaderChanged = _leader.Length > 0 && leader.Length > 0 && leader != _leader,
            IndexBefore = _index,
            Index = response.Index,
            Vouched = _store.WasHeard,
        };
        var verdicts = absence.Doubt is { } doubt
            ? new Verdicts([], [.. missing], doubt)
            : await VerifyAsync(missing, listing, token).ConfigureAwait(false);

        lock (_gate)
        {
            token.ThrowIfCancellationRequested();
            _listing = listing;
            _answered = true;
            _store.Apply(PolicySource.Kv, listing.Values, verdicts.Deleted);
        }

        _store.Orphan(PolicySource.Kv, verdicts.Orphaned, verdicts.Reason);
        (_index, _leader, _lostSince) = (response.Index, leader.Length > 0 ? leader : _leader, null);
    }

    public void OnFailure(Exception error, int failures)
    {
        _instruments.PolicyUpdate("kv", error is ConsulException { IsPermissionDenied: true } ? "acl" : "failed");
        var now = _time.GetTimestamp();
        var first = _lostSince is null;
        _lostSince ??= now;
        if (first || _time.GetElapsedTime(_saidAt, now) >= Repeat)
        {
            _saidAt = now;
            PolicyLog.KvLost(_logger, _time.GetElapsedTime(_lostSince.Value, now).TotalSeconds, error.Message);
        }
    }

    public void Dispose() => Stop();

    private Dictionary<PolicyKey, PolicyText> Parse(KvEntry[] entries, string datacenter)
    {
        var listing = new Dictionary<PolicyKey, PolicyText>(entries.Length);
        foreach (var entry in entries)
        {
            // Keys that can be no document are the desk's to complain about.
            if (PolicyKey.TryParse(entry.Key[_reader.Prefix.Length..], out var key) && key.Kind != PolicyDocumentKind.Security)
            {
                listing[key] = KvReader.Text(key, entry, datacenter);
            }
        }

        return listing;
    }

    /// <summary>Reads each missing key by itself: the listing hides what the token may not see.</summary>
    private async Task<Verdicts> VerifyAsync(
        PolicyKey[] missing, Dictionary<PolicyKey, PolicyText> listing, CancellationToken cancellationToken)
    {
        var (deleted, denied) = (new List<PolicyKey>(), new List<PolicyKey>());
        foreach (var key in missing)
        {
            try
            {
                if (await _reader.ReadAsync(key, cancellationToken).ConfigureAwait(false) is { } text)
                {
                    listing[key] = text;
                }
                else
                {
                    deleted.Add(key);
                }
            }
            catch (ConsulException error) when (error.IsPermissionDenied)
            {
                denied.Add(key);
            }
        }

        return new Verdicts(deleted, denied, "acl");
    }

    private sealed record Verdicts(List<PolicyKey> Deleted, List<PolicyKey> Orphaned, string Reason);
}
