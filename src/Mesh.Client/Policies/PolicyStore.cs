using Mesh.Client.Pipeline;
using Mesh.Client.Telemetry;
using Mesh.Policy;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Policies;

/// <summary>
/// The documents that concern this process, each with its last good revision, and what they add up to for every upstream.
/// Sources hand documents in; the store reads, merges and applies them.
/// </summary>
internal sealed class PolicyStore : IDisposable
{
    /// <summary>
    /// A change of the global document reaches the processes of a fleet spread over this time, so that a mistake in it
    /// shows before it is everywhere. The first one after start, and switches, act at once.
    /// </summary>
    public static readonly TimeSpan GlobalSpread = TimeSpan.FromSeconds(30);

    /// <summary>Longest sleep until a switch falls back; the clock may be set meanwhile.</summary>
    private static readonly TimeSpan ExpiryCheck = TimeSpan.FromMinutes(1);

    private readonly MeshSelf _self;
    private readonly bool _bypass;
    private readonly MeshInstruments _instruments;
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly ILogger _logger;
    private readonly ITimer _expiry;
    private readonly ITimer _spread;
    private readonly SupersededRevisions _superseded = new();

    // Guards the fields below and the order in which policies reach the upstreams. Upstream.Apply* is called under it and
    // never calls back; nothing blocks under it.
    private readonly Lock _gate = new();
    private readonly Dictionary<PolicyKey, StoredDocument> _documents = [];
    private readonly Dictionary<string, AttachedUpstream> _upstreams = new(StringComparer.Ordinal);
    private (PolicyText? Text, PolicySource Source)? _deferred;
    private PolicySource _source = PolicySource.Defaults;
    private long? _heardAt;

    /// <param name="self">Whose switches apply.</param>
    /// <param name="bypass">The environment says <c>MESH_MODE=bypass</c>: works without any control plane.</param>
    /// <param name="instruments">Counts what became of documents.</param>
    /// <param name="time">The clock.</param>
    /// <param name="random">Spreads changes of the global document.</param>
    /// <param name="logger">Hears of refusals and orphans.</param>
    public PolicyStore(
        MeshSelf self, bool bypass, MeshInstruments instruments, TimeProvider time, Random random, ILogger<PolicyStore> logger)
    {
        (_self, _bypass, _instruments, _time, _random, _logger) = (self, bypass, instruments, time, random, logger);
        _expiry = BackgroundWork.CreateTimer(time, Reapply);
        _spread = BackgroundWork.CreateTimer(time, ApplyDeferred);
        if (bypass)
        {
            PolicyLog.Bypass(logger);
        }
    }

    /// <summary>Something that reports and snapshots show has changed. Raised outside of any lock.</summary>
    public event Action? Changed;

    /// <summary>A live source was heard and had nothing new. Raised outside of any lock.</summary>
    public event Action? Confirmed;

    public PolicyStatus Status
    {
        get
        {
            lock (_gate)
            {
                return new PolicyStatus
                {
                    Source = _source,
                    Hash = PolicySnapshotWire.HashOf(_documents.Where(d => d.Value.Good is not null)
                        .Select(d => KeyValuePair.Create(d.Key, d.Value.Good!.Revision.Hash))),
                    Documents = [.. _documents.Select(d => d.Value.Report(d.Key)).OrderBy(r => r.Key.ToString())],
                    Orphaned = [.. _documents.Where(d => d.Value.Orphaned).Select(d => d.Key)],
                    Switches = [.. _upstreams.Values.Where(u => u.Switches != SwitchState.None).Select(u => u.Report())],
                    Age = _heardAt is { } at ? _time.GetElapsedTime(at) : null,
                };
            }
        }
    }

    /// <summary>What is known, by key.</summary>
    public IReadOnlyDictionary<PolicyKey, StoredDocument> Documents
    {
        get
        {
            lock (_gate)
            {
                return _documents.ToDictionary();
            }
        }
    }

    /// <summary>The services whose documents concern this process.</summary>
    public IReadOnlyList<string> Upstreams
    {
        get
        {
            lock (_gate)
            {
                return [.. _upstreams.Keys.Order(StringComparer.Ordinal)];
            }
        }
    }

    /// <summary>A document under this key would have an effect here.</summary>
    public bool Concerns(PolicyKey key)
    {
        lock (_gate)
        {
            return ConcernsLocked(key);
        }
    }

    /// <summary>This revision was in force here and was replaced or deleted: taking it again would be going back.</summary>
    public bool IsSuperseded(PolicyKey key, PolicyRevision revision)
    {
        lock (_gate)
        {
            return _superseded.Contains(key, revision);
        }
    }

    /// <summary>The newest revision known, also when it is not in force yet.</summary>
    public PolicyRevision? NewestOf(PolicyKey key)
    {
        lock (_gate)
        {
            return key == PolicyKey.GlobalTraffic && _deferred is { } deferred
                ? deferred.Text?.Revision
                : _documents.GetValueOrDefault(key)?.Newest;
        }
    }

    /// <summary>From now on this upstream gets what concerns it, at once with what is known.</summary>
    public void Attach(Upstream upstream)
    {
        lock (_gate)
        {
            var attached = new AttachedUpstream(upstream);
            _upstreams[upstream.Name] = attached;
            ApplyLocked(attached);
        }
    }

    public void Detach(Upstream upstream)
    {
        lock (_gate)
        {
            _upstreams.Remove(upstream.Name);
        }
    }

    /// <summary>Takes new and changed documents, and deletions that are believed.</summary>
    public void Apply(PolicySource source, IReadOnlyCollection<PolicyText> changed, IReadOnlyCollection<PolicyKey> deleted)
    {
        var any = false;
        lock (_gate)
        {
            var spread = _heardAt is not null && IsLive(source);
            foreach (var text in changed.Where(t => ConcernsLocked(t.Key)))
            {
                any |= text.Key == PolicyKey.GlobalTraffic && spread
                    ? DeferLocked(text, source)
                    : TakeLocked(text, source);
            }

            foreach (var key in IsLive(source) ? deleted.Concat(FromFilesLocked(changed)) : deleted)
            {
                any |= key == PolicyKey.GlobalTraffic && spread && _documents.ContainsKey(key)
                    ? DeferLocked(null, source)
                    : DropLocked(key, source);
            }

            _source = source;
            if (IsLive(source))
            {
                _heardAt = _time.GetTimestamp();
            }

            if (any)
            {
                ApplyAllLocked();
            }
        }

        if (any)
        {
            Changed?.Invoke();
        }
        else if (IsLive(source))
        {
            Confirmed?.Invoke();
        }
    }

    /// <summary>Takes what an earlier run knew, unless a source was heard meanwhile.</summary>
    /// <returns>False when it came too late.</returns>
    public bool StandIn(IReadOnlyCollection<PolicyText> remembered)
    {
        lock (_gate)
        {
            if (_heardAt is not null)
            {
                return false;
            }

            foreach (var text in remembered.Where(t => ConcernsLocked(t.Key) && !_documents.ContainsKey(t.Key)))
            {
                TakeLocked(text, PolicySource.Snapshot);
            }

            _source = PolicySource.Snapshot;
            ApplyAllLocked();
        }

        Changed?.Invoke();
        return true;
    }

    /// <summary>Documents vanished in a way that is not believed: their last good revisions stay.</summary>
    public void Orphan(PolicySource source, IReadOnlyCollection<PolicyKey> keys, string reason)
    {
        var orphaned = new List<PolicyKey>();
        lock (_gate)
        {
            foreach (var key in keys)
            {
                if (_documents.TryGetValue(key, out var document) && !document.Orphaned)
                {
                    _documents[key] = document with { Orphaned = true };
                    orphaned.Add(key);
                }
            }
        }

        foreach (var key in orphaned)
        {
            _instruments.PolicyUpdate(Word(source), "orphaned");
            PolicyLog.Orphaned(_logger, key, reason);
        }

        if (orphaned.Count > 0)
        {
            Changed?.Invoke();
        }
    }

    public void Dispose()
    {
        _expiry.Dispose();
        _spread.Dispose();
    }

    /// <summary>The word of a source in metrics.</summary>
    public static string Word(PolicySource source) => source switch
    {
        PolicySource.Desk => "desk",
        PolicySource.Kv => "kv",
        PolicySource.Files => "files",
        PolicySource.Snapshot => "snapshot",
        _ => "defaults",
    };

    private static bool IsLive(PolicySource source) => source is PolicySource.Desk or PolicySource.Kv;

    private bool ConcernsLocked(PolicyKey key) => key.Kind != PolicyDocumentKind.Security && key.Scope switch
    {
        PolicyScope.Global => true,
        PolicyScope.Caller => string.Equals(key.Name, _self.Service, StringComparison.OrdinalIgnoreCase),
        _ => _upstreams.ContainsKey(key.Name!),
    };

    private bool TakeLocked(PolicyText text, PolicySource source)
    {
        var before = _documents.GetValueOrDefault(text.Key);
        if (before is not null && before.Newest == text.Revision && !before.Orphaned)
        {
            _documents[text.Key] = before with { Source = source };
            return false;
        }

        var after = StoredDocument.Read(text, source, before);
        _documents[text.Key] = after;
        _superseded.Revive(text.Key, text.Revision);
        if (before is not null && before.Newest != text.Revision)
        {
            _superseded.Add(text.Key, before.Newest);
        }

        if (after.Problems.Count > 0)
        {
            _instruments.PolicyUpdate(Word(source), "refused");
            PolicyLog.Refused(_logger, text.Key, text.Revision, string.Join(" ", after.Problems), after.Good?.Revision);
        }
        else
        {
            _instruments.PolicyUpdate(Word(source), after.Ignored.Count > 0 ? "ignored-parts" : "applied");
            PolicyLog.Applied(_logger, text.Key, text.Revision, Word(source), after.Ignored.Count);
        }

        return true;
    }

    private bool DropLocked(PolicyKey key, PolicySource source)
    {
        if (!_documents.Remove(key, out var before))
        {
            return false;
        }

        if (IsLive(before.Source))
        {
            _superseded.Add(key, before.Newest);
        }

        _instruments.PolicyUpdate(Word(source), "deleted");
        PolicyLog.Deleted(_logger, key, Word(source));
        return true;
    }

    /// <summary>Files stand in until a live source is heard; what that one does not list then goes.</summary>
    private PolicyKey[] FromFilesLocked(IReadOnlyCollection<PolicyText> changed) =>
    [
        .. _documents.Where(d => d.Value.Source == PolicySource.Files).Select(d => d.Key).Except(changed.Select(c => c.Key)),
    ];

    private bool DeferLocked(PolicyText? text, PolicySource source)
    {
        if (text is not null && _deferred is null && _documents.GetValueOrDefault(text.Key) is { Orphaned: false } known &&
            known.Newest == text.Revision)
        {
            return false;
        }

        if (_deferred is null)
        {
            _spread.Change(GlobalSpread * _random.NextDouble(), Timeout.InfiniteTimeSpan);
        }

        _deferred = (text, source);
        return false;
    }

    private void ApplyDeferred()
    {
        lock (_gate)
        {
            if (_deferred is not { } deferred)
            {
                return;
            }

            _deferred = null;
            if (deferred.Text is { } text ? TakeLocked(text, deferred.Source) : DropLocked(PolicyKey.GlobalTraffic, deferred.Source))
            {
                ApplyAllLocked();
            }
        }

        Changed?.Invoke();
    }

    private void Reapply()
    {
        lock (_gate)
        {
            ApplyAllLocked();
        }

        Changed?.Invoke();
    }

    private void ApplyAllLocked()
    {
        foreach (var upstream in _upstreams.Values)
        {
            ApplyLocked(upstream);
        }

        var now = _time.GetUtcNow();
        var next = SwitchResolver.NextExpiry(SwitchesLocked(), now) - now;
        _expiry.Change(next < ExpiryCheck ? next.Value : next is null ? Timeout.InfiniteTimeSpan : ExpiryCheck, Timeout.InfiniteTimeSpan);
    }

    private void ApplyLocked(AttachedUpstream upstream)
    {
        upstream.Apply(
            _documents.GetValueOrDefault(PolicyKey.GlobalTraffic), _documents.GetValueOrDefault(PolicyKey.TrafficTo(upstream.Name)));
        var switches = SwitchResolver.Resolve(upstream.Name, _self.Service, SwitchesLocked(), _time.GetUtcNow());
        upstream.Apply(_bypass ? switches with { Bypass = true } : switches);
    }

    private IEnumerable<KeyValuePair<PolicyKey, SwitchDocument>> SwitchesLocked() => _documents
        .Where(d => d.Value.Switches is not null)
        .Select(d => KeyValuePair.Create(d.Key, d.Value.Switches!));
}
