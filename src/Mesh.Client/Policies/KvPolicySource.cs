using System.Diagnostics.CodeAnalysis;
using Mesh.Client.Pipeline;
using Mesh.Client.Telemetry;
using Mesh.Consul;
using Mesh.Policy;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Policies;

/// <summary>
/// Documents straight from Consul KV: one blocking query on the mesh's prefix, of which only what concerns this process
/// is read. Never queues behind the watches of endpoints.
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

    // Guards the belief, which a newly attached upstream reads from another thread. Taken around hand-overs to the
    // store, so that they keep their order; the store never calls back here.
    private readonly Lock _gate = new();
    private KvBelief _belief = new();
    private string _datacenter = "";

    // Touched by the observer only, which is never called concurrently.
    private readonly HashSet<PolicyKey> _unverified = [];
    private string _leader = "";
    private bool _looked;
    private long? _lostSince;
    private long _saidAt;

    private CancellationTokenSource? _life;
    private Task _running = Task.CompletedTask;

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

    /// <summary>Begins to watch; harmless when it already does.</summary>
    public void Start()
    {
        if (_life is not null)
        {
            return;
        }

        lock (_gate)
        {
            // What is in force is the baseline: a first answer that lacks it has to be believed like any other.
            _belief = new KvBelief();
            _looked = false;
            var inForce = _store.Documents.Where(d => d.Value.Source != PolicySource.Files).Select(Entry);
            _belief.Restore(0, inForce.Concat(_store.Waiting.Select(Entry)).DistinctBy(e => e.Key), []);
        }

        _life = new CancellationTokenSource();
        var query = new BlockingQuery<KvEntry[]>(
            _client, (q, ct) => _client.ListKeysAsync(_reader.Prefix, q, ct), _options, _time, _random);
        var before = _running;
        _running = BackgroundWork.Start("policy watch", ct => RunAsync(before, query, ct), _logger, _life.Token);
    }

    /// <summary>Stops to watch; what is in force stays.</summary>
    public void Stop()
    {
        _life?.Cancel();
        _life?.Dispose();
        _life = null;
        lock (_gate)
        {
            _belief = new KvBelief();
        }
    }

    /// <summary>Reads everything again, if it watches at all.</summary>
    public void Restart()
    {
        if (_life is not null)
        {
            Stop();
            Start();
        }
    }

    /// <summary>An upstream came: what the listing says about it concerns this process from now on.</summary>
    public void Attached(string service)
    {
        lock (_gate)
        {
            var entries = new List<KvEntry>();
            foreach (var key in new[] { PolicyKey.TrafficTo(service), PolicyKey.SwitchesTo(service) })
            {
                if (_belief.Entries.TryGetValue(_reader.Prefix + key, out var entry))
                {
                    entries.Add(entry);
                }
            }

            var texts = Texts(entries, _datacenter);
            if (texts.Count > 0)
            {
                _store.Apply(PolicySource.Kv, texts, [], [service]);
            }
            else if (_belief.Index > 0)
            {
                // The listing was read, and has nothing about it.
                _store.Settle(service);
            }
        }
    }

    public async ValueTask OnResultAsync(ConsulResponse<KvEntry[]> response, BlockingQueryTransition transition)
    {
        var token = _life?.Token ?? new CancellationToken(canceled: true);
        var datacenter = await _reader.DatacenterAsync(token).ConfigureAwait(false);
        var leader = await _reader.LeaderAsync(token).ConfigureAwait(false);
        var leaderChanged = _leader.Length > 0 && leader.Length > 0 && leader != _leader;
        bool wentBack;
        (response, wentBack) = await KvHistory.ConfirmAsync(_reader, response, transition, IsOlder, token)
            .ConfigureAwait(false);
        KvChange change;
        lock (_gate)
        {
            if (wentBack)
            {
                PolicyLog.WentBack(_logger, _belief.Newest, response.Index);
                transition = BlockingQueryTransition.IndexRegressed;
            }

            change = _belief.Apply(response, transition, leaderChanged);
        }

        var written = Texts(change.Written, datacenter);
        _unverified.UnionWith(Keys(change.Deleted));
        _unverified.ExceptWith(written.Select(t => t.Key));
        var (deleted, denied, error) = await VerifyAsync(token).ConfigureAwait(false);
        await LookForDoorsAsync(token).ConfigureAwait(false);
        lock (_gate)
        {
            token.ThrowIfCancellationRequested();
            _datacenter = datacenter;
            _store.Apply(PolicySource.Kv, written, deleted);
        }

        _store.Orphan(PolicySource.Kv, Keys(change.Orphaned), MeshReasons.Unproven);
        _store.Orphan(PolicySource.Kv, denied, MeshReasons.Acl);
        _leader = leader.Length > 0 ? leader : _leader;
        if (error is not null)
        {
            _lostSince = null;
            throw error;
        }

        if (_lostSince is not null)
        {
            _lostSince = null;
            PolicyLog.KvBack(_logger);
        }
    }

    public void OnFailure(Exception error, int failures)
    {
        _instruments.PolicyUpdate("kv", error is ConsulException { IsPermissionDenied: true } ? MeshReasons.Acl : "failed");
        _store.SourceSilent();
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

    private bool IsOlder(ConsulResponse<KvEntry[]> answer)
    {
        lock (_gate)
        {
            return _belief.IsOlder(answer);
        }
    }

    /// <summary>Two watches never call at once: the one before has to end first, as it was told to.</summary>
    private async Task RunAsync(Task before, BlockingQuery<KvEntry[]> query, CancellationToken cancellationToken)
    {
        await before.ConfigureAwait(false);
        await query.RunAsync(this, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Reads each deleted key by itself: the listing hides what the token may not see. What cannot be read now stays in
    /// force, and is read again with the next answer.
    /// </summary>
    private async Task<(List<PolicyKey> Deleted, List<PolicyKey> Denied, ConsulException? Error)> VerifyAsync(
        CancellationToken cancellationToken)
    {
        var (deleted, denied) = (new List<PolicyKey>(), new List<PolicyKey>());
        foreach (var key in _unverified.Where(k => _store.Concerns(k) || _store.IsWaiting(k)).ToArray())
        {
            try
            {
                if (await _reader.ReadAsync(key, cancellationToken).ConfigureAwait(false) is null)
                {
                    deleted.Add(key);
                }
            }
            catch (ConsulException error) when (error.IsPermissionDenied)
            {
                denied.Add(key);
            }
            catch (ConsulException error)
            {
                return (deleted, denied, error);
            }

            _unverified.Remove(key);
        }

        _unverified.Clear();
        return (deleted, denied, null);
    }

    /// <summary>
    /// A listing leaves out what the token may not see, without a word. What is about this process's own door is asked for by
    /// itself, once in each watch: an open door must not be a matter of permissions.
    /// </summary>
    private async Task LookForDoorsAsync(CancellationToken cancellationToken)
    {
        if (_looked)
        {
            return;
        }

        var hidden = new List<PolicyKey>();
        foreach (var key in _store.Doors.Where(k => !_belief.Entries.ContainsKey(_reader.Prefix + k)))
        {
            try
            {
                await _reader.ReadAsync(key, cancellationToken).ConfigureAwait(false);
            }
            catch (ConsulException error) when (error.IsPermissionDenied)
            {
                hidden.Add(key);
            }
            catch (ConsulException)
            {
                // Not now; the next answer asks again.
                return;
            }
        }

        _looked = true;
        _store.Hide(hidden);
        if (hidden.Count > 0)
        {
            _instruments.PolicyUpdate("kv", MeshReasons.Acl);
            var keys = string.Join(", ", hidden);
            PolicyLog.DoorHidden(_logger, MeshReasons.Acl, keys, _reader.Prefix);
        }
    }

    private List<PolicyText> Texts(IEnumerable<KvEntry> entries, string datacenter)
    {
        var texts = new List<PolicyText>();
        foreach (var entry in entries)
        {
            if (TryKey(entry.Key, out var key))
            {
                texts.Add(KvReader.Text(key, entry, datacenter));
            }
        }

        return texts;
    }

    private List<PolicyKey> Keys(IEnumerable<string> keys) =>
        [.. keys.Select(k => TryKey(k, out var key) ? key : null).OfType<PolicyKey>()];

    /// <summary>Keys that can be no document are the desk's to complain about.</summary>
    private bool TryKey(string full, [NotNullWhen(true)] out PolicyKey? key)
    {
        key = null;
        return full.StartsWith(_reader.Prefix, StringComparison.Ordinal) &&
            PolicyKey.TryParse(full[_reader.Prefix.Length..], out key);
    }

    private KvEntry Entry(PolicyText waiting) =>
        new(_reader.Prefix + waiting.Key, waiting.Body, 0, waiting.Revision.ModifyIndex, 0);

    private KvEntry Entry(KeyValuePair<PolicyKey, StoredDocument> document) => new(
        _reader.Prefix + document.Key,
        document.Value.Newest == document.Value.Good?.Revision ? document.Value.Good.Body : default,
        0,
        document.Value.Newest.ModifyIndex,
        0);
}
