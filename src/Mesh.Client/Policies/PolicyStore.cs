using Mesh.Client.Pipeline;
using Mesh.Client.Telemetry;
using Mesh.Policy;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Policies;

/// <summary>
/// The documents that concern this process, each with its last good revision, and what they add up to for every
/// upstream and for the process itself. Sources hand documents in; the store reads, merges and applies them.
/// </summary>
internal sealed partial class PolicyStore : IDisposable
{
    /// <summary>
    /// A change of a global document, of traffic or security, reaches the processes of a fleet spread over this time, so
    /// that a mistake in it shows before it is everywhere. The first one after start, and switches, act at once.
    /// </summary>
    public static readonly TimeSpan GlobalSpread = TimeSpan.FromSeconds(30);

    /// <summary>Longest sleep until a switch falls back; the clock may be set meanwhile.</summary>
    private static readonly TimeSpan ExpiryCheck = TimeSpan.FromMinutes(1);

    private readonly MeshSelf _self;
    private readonly OwnPolicy _own;
    private readonly bool _bypass;
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly ITimer _expiry;
    private readonly ITimer _spread;

    // Guards the fields below, the book, and the order in which policies reach the upstreams. Upstream.Apply* is called
    // under it and never calls back; nothing blocks under it.
    private readonly Lock _gate = new();
    private readonly PolicyBook _book;
    private readonly Dictionary<string, AttachedUpstream> _upstreams = new(StringComparer.Ordinal);
    private readonly Dictionary<PolicyKey, (PolicyText? Text, PolicySource Source)> _deferred = [];
    private PolicySource _source = PolicySource.Defaults;
    private long? _heardAt;

    /// <param name="self">Whose switches apply.</param>
    /// <param name="bypass">The environment says <c>MESH_MODE=bypass</c>: works without any control plane.</param>
    /// <param name="instruments">Counts what became of documents.</param>
    /// <param name="time">The clock.</param>
    /// <param name="random">Spreads changes of the global document.</param>
    /// <param name="logger">Hears of refusals and orphans.</param>
    /// <param name="own">Gets what is about this process itself.</param>
    public PolicyStore(
        MeshSelf self,
        bool bypass,
        MeshInstruments instruments,
        TimeProvider time,
        Random random,
        ILogger<PolicyStore> logger,
        OwnPolicy? own = null)
    {
        (_self, _bypass, _time, _random) = (self, bypass, time, random);
        _own = own ?? new OwnPolicy(self.Service);
        _book = new PolicyBook(instruments, logger, new LogLimiter(time));
        _expiry = BackgroundWork.CreateTimer(time, Reapply, logger);
        _spread = BackgroundWork.CreateTimer(time, ApplyDeferred, logger);
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
                    Hash = _book.Hash,
                    Documents = _book.Report(),
                    Orphaned = _book.Orphaned,
                    Hidden = [.. _hidden.Where(k => _book.Find(k) is null)],
                    Switches = [.. _upstreams.Values.Where(u => u.Switches != default).Select(u => u.Report())],
                    SwitchesInForce = SwitchInForce.Of(
                        _upstreams.Keys, _self.Service, _book.Switches, _bypass, _time.GetUtcNow()),
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
                return _book.Documents.ToDictionary();
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

    /// <summary>
    /// This revision was in force here and was replaced or deleted: taking it again would be going back.
    /// </summary>
    public bool IsSuperseded(PolicyKey key, PolicyRevision revision)
    {
        lock (_gate)
        {
            return _book.IsSuperseded(key, revision);
        }
    }

    /// <summary>The newest revision known, also when it is not in force yet.</summary>
    public PolicyRevision? NewestOf(PolicyKey key)
    {
        lock (_gate)
        {
            return _deferred.TryGetValue(key, out var deferred) ? deferred.Text?.Revision : _book.Find(key)?.Newest;
        }
    }

    /// <summary>From now on this upstream gets what concerns it, at once with what is known.</summary>
    public void Attach(Upstream upstream)
    {
        lock (_gate)
        {
            var attached = new AttachedUpstream(upstream);
            _upstreams[upstream.Name] = attached;
            AwaitLocked(attached);
            ApplyLocked(attached);
        }
    }

    /// <summary>Takes new and changed documents, and deletions that are believed.</summary>
    /// <param name="source">Who says so.</param>
    /// <param name="changed">What it holds that may be news.</param>
    /// <param name="deleted">What is certainly gone.</param>
    /// <param name="about">The upstreams it was asked about; <see langword="null"/> for all.</param>
    public void Apply(
        PolicySource source,
        IReadOnlyCollection<PolicyText> changed,
        IReadOnlyCollection<PolicyKey> deleted,
        IReadOnlyCollection<string>? about = null)
    {
        var any = false;
        lock (_gate)
        {
            var spread = _heardAt is not null && PolicyBook.IsLive(source);
            SpokenOfLocked(changed, deleted);
            foreach (var text in changed.Where(t => ConcernsLocked(t.Key)))
            {
                any |= IsSpread(text.Key) && spread
                    ? DeferLocked(text.Key, text, source)
                    : _book.Take(text, source);
            }

            foreach (var key in PolicyBook.IsLive(source) ? deleted.Concat(_book.FromFilesExcept(changed)) : deleted)
            {
                any |= IsSpread(key) && spread && _book.Find(key) is not null
                    ? DeferLocked(key, null, source)
                    : _book.Drop(key, source);
            }

            _source = source;
            if (PolicyBook.IsLive(source))
            {
                _heardAt = _time.GetTimestamp();
            }

            if (any)
            {
                ApplyAllLocked();
            }

            if (PolicyBook.IsLive(source))
            {
                SettleLocked(about);
            }
        }

        if (any)
        {
            Tell();
        }
        else if (PolicyBook.IsLive(source))
        {
            Confirmed?.Invoke();
        }
    }

    /// <summary>
    /// The desk says that these switches are over. Whichever ends a switch first counts, its clock or this process's.
    /// </summary>
    public void End(IReadOnlyCollection<PolicyText> switches)
    {
        bool any;
        lock (_gate)
        {
            any = _book.End(switches);
            if (any)
            {
                ApplyAllLocked();
            }
        }

        if (any)
        {
            Tell();
        }
    }

    /// <summary>Documents vanished in a way that is not believed: their last good revisions stay.</summary>
    public void Orphan(PolicySource source, IReadOnlyCollection<PolicyKey> keys, string reason)
    {
        bool any;
        lock (_gate)
        {
            any = _book.Orphan(keys, source, reason);
        }

        if (any)
        {
            Tell();
        }
    }

    public void Dispose()
    {
        _expiry.Dispose();
        _spread.Dispose();
    }

    private bool DeferLocked(PolicyKey key, PolicyText? text, PolicySource source)
    {
        if (text is not null && !_deferred.ContainsKey(key) &&
            _book.Find(key) is { Orphaned: false } known && known.Newest == text.Revision)
        {
            return false;
        }

        if (_deferred.Count == 0)
        {
            _spread.Change(GlobalSpread * _random.NextDouble(), Timeout.InfiniteTimeSpan);
        }

        _deferred[key] = (text, source);
        return false;
    }

    private void ApplyDeferred()
    {
        lock (_gate)
        {
            var changed = false;
            foreach (var (key, (text, source)) in _deferred)
            {
                changed |= text is null ? _book.Drop(key, source) : _book.Take(text, source);
            }

            _deferred.Clear();
            if (changed)
            {
                ApplyAllLocked();
            }
        }

        Tell();
    }

    private void Reapply()
    {
        lock (_gate)
        {
            ApplyAllLocked();
        }

        Tell();
    }

    private void ApplyAllLocked()
    {
        foreach (var upstream in _upstreams.Values)
        {
            ApplyLocked(upstream);
        }

        ApplyOwnLocked();
        var now = _time.GetUtcNow();
        var next = SwitchResolver.NextExpiry(_book.Switches, now) - now;
        var pause = next is null ? Timeout.InfiniteTimeSpan : next < ExpiryCheck ? next.Value : ExpiryCheck;
        _expiry.Change(pause, Timeout.InfiniteTimeSpan);
    }

    private void ApplyLocked(AttachedUpstream upstream)
    {
        upstream.Apply(_book.Find(PolicyKey.GlobalTraffic), _book.Find(PolicyKey.TrafficTo(upstream.Name)));
        var switches = SwitchResolver.Resolve(upstream.Name, _self.Service, _book.Switches, _time.GetUtcNow());
        upstream.Apply(_bypass ? switches with { Bypass = true } : switches);
    }
}
