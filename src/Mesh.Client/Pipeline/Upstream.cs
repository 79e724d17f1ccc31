using Mesh.Client.Attempts;
using Mesh.Client.Balancing;
using Mesh.Client.Discovery;
using Mesh.Client.Outliers;
using Mesh.Client.Transport;
using Mesh.Policy;

namespace Mesh.Client.Pipeline;

/// <summary>
/// A service this process calls: identity with state (budget, balancers, endpoints) for the life of the process. Feeds
/// apply snapshots and policy to it; calls read <see cref="Runtime"/>.
/// </summary>
/// <remarks>
/// One lock guards everything that decides what is offered: the endpoints' descriptions and states, the groups, the policy
/// and switches in force, the timers. It orders feeds, ejections and timers against each other; calls never take it unless
/// they change such a state. Nothing foreign is called under it: transports are ended, and log and metrics told,
/// after it is released.
/// </remarks>
internal sealed class Upstream : IEndpointOwner, IDisposable
{
    private readonly Lock _gate = new();
    private readonly UpstreamServices _services;
    private readonly UpstreamReporter _reporter;
    private readonly EndpointTable _table;
    private readonly GroupTable _groups;
    private readonly EndpointTimers _timers;
    private readonly EjectionBoard _ejections;
    private readonly TaskCompletionSource _firstAnswer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<UpstreamNotice> _notices = [];
    private EffectivePolicy _policy;
    private string _revision = "default";
    private SwitchState _switches;
    private BalancePlan _balance = null!;
    private OutlierPlan _outlier = null!;
    private ServiceRuntime? _runtime;
    private PeerFailures? _peers;
    private bool _known;
    private bool _unknown;
    private bool _live;
    private bool _declared;
    private long _confirmedAt;
    private long _lastUsed;

    public Upstream(string name, UpstreamServices services)
    {
        Name = name;
        _services = services;
        _reporter = new UpstreamReporter(name, services);
        _table = new EndpointTable(this);
        _groups = new GroupTable(services);
        _timers = new EndpointTimers(services.Clock, Tick);
        _ejections = new EjectionBoard(services.Clock, services.Random);
        _policy = PolicyDefaults.For(name);
        Budget = new RetryBudget(services.Clock.Time);
        _confirmedAt = _lastUsed = services.Clock.Now;
        lock (_gate)
        {
            CompileLocked();
        }
    }

    /// <summary>The service's name, lower case.</summary>
    public string Name { get; }

    /// <summary>
    /// What calls run on; <see langword="null"/> until endpoints are first known, and again never after that.
    /// </summary>
    public ServiceRuntime? Runtime => Volatile.Read(ref _runtime);

    /// <summary>What retries and hedges of all clients of this process draw on.</summary>
    public RetryBudget Budget { get; }

    /// <summary>A source answered that it has never heard of the service (and no source ever gave endpoints).</summary>
    public bool IsUnknown => Volatile.Read(ref _unknown);

    /// <summary>A source answered that speaks of now: the registry or the configuration, not the snapshot on disk.</summary>
    public bool IsLive => Volatile.Read(ref _live);

    /// <summary>Configuration lists it, or it was once seen with endpoints: never passed through.</summary>
    public bool IsDeclared
    {
        get => Volatile.Read(ref _declared);
        set => Volatile.Write(ref _declared, value);
    }

    /// <summary>Completes with the first answer of any source, also "unknown".</summary>
    public Task FirstAnswer => _firstAnswer.Task;

    /// <summary>When the endpoints in force were last confirmed by their source; its creation before the first answer.</summary>
    public long ConfirmedAt => Volatile.Read(ref _confirmedAt);

    /// <summary>
    /// Timestamp of the last call, coarse; idle watches are dropped by it. Written by every call, so it takes a new value
    /// only when that is a second newer: a word that all processors read costs nothing.
    /// </summary>
    public long LastUsed
    {
        get => Volatile.Read(ref _lastUsed);
        set
        {
            if (value - Volatile.Read(ref _lastUsed) > _services.Clock.Time.TimestampFrequency)
            {
                Volatile.Write(ref _lastUsed, value);
                Used?.Invoke(this);
            }
        }
    }

    /// <summary>Called about once a second while the upstream is in use.</summary>
    public Action<Upstream>? Used { get; init; }

    /// <summary>All endpoints now, for snapshots and introspection.</summary>
    public IReadOnlyList<MeshEndpoint> Endpoints => _table.All;

    MeshClock IEndpointOwner.Clock => _services.Clock;

    OutlierPlan IEndpointOwner.Outlier => Volatile.Read(ref _outlier);

    /// <summary>Feeds: a new set of endpoints. Same ids keep their state; removed ones drain.</summary>
    public void ApplyEndpoints(EndpointSnapshot snapshot)
    {
        var change = new EndpointChange();
        lock (_gate)
        {
            // The disk may be slower than the registry; what it remembers is then history.
            if (snapshot.Source == EndpointSource.Snapshot && _live)
            {
                return;
            }

            Volatile.Write(ref _live, _live || snapshot.Source != EndpointSource.Snapshot);
            if (snapshot.Known || snapshot.Endpoints.Count > 0 || _known)
            {
                AdoptLocked(snapshot.Endpoints, change);
            }
            else
            {
                Volatile.Write(ref _unknown, true);
            }
        }

        foreach (var endpoint in change.Removed)
        {
            endpoint.Remove();
        }

        _firstAnswer.TrySetResult();
        Tell();
    }

    /// <summary>Feeds: the set in force was confirmed unchanged just now.</summary>
    public void ConfirmEndpoints() => Volatile.Write(ref _confirmedAt, _services.Clock.Now);

    /// <summary>Feeds: a new effective policy.</summary>
    /// <param name="policy">Already validated.</param>
    /// <param name="revision">For messages and reports.</param>
    public void ApplyPolicy(EffectivePolicy policy, string revision)
    {
        lock (_gate)
        {
            _policy = policy;
            _revision = revision;
            CompileLocked();
        }

        Tell();
    }

    /// <summary>Feeds: switches changed.</summary>
    public void ApplySwitches(SwitchState switches)
    {
        lock (_gate)
        {
            if (switches == _switches)
            {
                return;
            }

            _switches = switches;
            CompileLocked();
        }

        Tell();
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _timers.Dispose();
        }

        foreach (var endpoint in _table.All)
        {
            endpoint.Remove();
        }
    }

    EndpointTransport IEndpointOwner.CreateTransport(MeshEndpoint endpoint) =>
        _services.Transports.Create(this, endpoint);

    bool IEndpointOwner.FailsMoreThanPeers(MeshEndpoint endpoint, long now)
    {
        var peers = Volatile.Read(ref _peers);
        if (peers is null || _services.Clock.Until(peers.At, now) >= PeerFailures.GoodFor)
        {
            peers = PeerFailures.Of(_table.All, now);
            Volatile.Write(ref _peers, peers);
        }

        return peers.IsExceededBy(endpoint.Load.FailureShare);
    }

    void IEndpointOwner.Tripped(MeshEndpoint endpoint, EjectionReason reason)
    {
        if (_services.Clock.Now < endpoint.Outlier.SparedUntil)
        {
            return;
        }

        lock (_gate)
        {
            EjectLocked(endpoint, reason);
        }

        Tell();
    }

    void IEndpointOwner.Probed(MeshEndpoint endpoint, bool succeeded)
    {
        lock (_gate)
        {
            if (endpoint.Outlier.Phase != EjectionPhase.Probing)
            {
                return;
            }

            if (succeeded)
            {
                var now = _services.Clock.Now;
                endpoint.Outlier.Readmit(now);
                endpoint.RampSince = now;
                _timers.Track(endpoint);
                _notices.Add(new UpstreamNotice(UpstreamEvent.Readmitted) { Endpoint = endpoint });
                RefreshLocked(now);
            }
            else
            {
                EjectLocked(endpoint, EjectionReason.ProbeFailed);
            }
        }

        Tell();
    }

    void IEndpointOwner.SuspicionChanged(MeshEndpoint endpoint)
    {
        lock (_gate)
        {
            _timers.Track(endpoint);
            RefreshLocked(_services.Clock.Now);
        }

        Tell();
    }

    private void AdoptLocked(IReadOnlyList<EndpointInfo> endpoints, EndpointChange change)
    {
        var now = _services.Clock.Now;
        _table.Apply(endpoints, now, change);
        change.Removed.ForEach(_timers.Forget);
        change.Timed.ForEach(_timers.Track);
        _known = true;
        Volatile.Write(ref _unknown, false);
        Volatile.Write(ref _confirmedAt, now);
        if (endpoints.Count > 0)
        {
            IsDeclared = true;
        }

        AdmitLocked();
        RefreshLocked(now);
        PublishLocked();
    }

    // Policy and switches become plans; groups whose definition is as before keep their balancer.
    private void CompileLocked()
    {
        var now = _services.Clock.Now;
        var balance = _switches.Bypass ? BypassBalance : _policy.Balance;
        _balance = new BalancePlan(balance.Algorithm, balance.SlowStart, balance.PanicBelow);
        Volatile.Write(ref _outlier, new OutlierPlan(_policy.Outlier, _switches.IsOff(Mechanisms.Eject)));
        if (!_outlier.Enabled)
        {
            ReadmitAllLocked(now);
        }

        _groups.Define(_policy.Subsets, _balance.Algorithm);
        AdmitLocked();
        RefreshLocked(now);
        _runtime = _runtime is null ? null : CompileRuntimeLocked();
    }

    // Simple and predictable while somebody looks for what is wrong.
    private static BalanceRule BypassBalance => PolicyDefaults.Balance with
    {
        Algorithm = LoadBalancerRegistry.RoundRobin,
        SlowStart = TimeSpan.Zero,
    };

    private void PublishLocked()
    {
        if (_runtime is null)
        {
            Volatile.Write(ref _runtime, CompileRuntimeLocked());
        }
    }

    private ServiceRuntime CompileRuntimeLocked() => new()
    {
        Upstream = this,
        Routes = RouteCompiler.Compile(_policy, _switches, _groups.Groups),
        Groups = _groups.Groups,
        Switches = _switches,
        Policy = _policy,
        PolicyRevision = _revision,
    };

    private void AdmitLocked()
    {
        foreach (var group in _groups.Groups.Values)
        {
            group.Admit(_table.All);
        }
    }

    private void RefreshLocked(long now)
    {
        foreach (var group in _groups.Groups.Values)
        {
            var panicked = group.IsPanic;
            group.Refresh(_balance, now);
            if (group.IsPanic != panicked)
            {
                _notices.Add(UpstreamNotice.Panic(group));
            }
        }

        _groups.ResolveStandIns();
        _timers.Schedule(_balance, now);
    }

    private void EjectLocked(MeshEndpoint endpoint, EjectionReason reason)
    {
        var now = _services.Clock.Now;
        if (_ejections.TryEject(endpoint, reason, _table.All, _outlier, now) is not { } notice)
        {
            return;
        }

        _notices.Add(notice);
        if (notice.Event == UpstreamEvent.Ejected)
        {
            _timers.Track(endpoint);
            RefreshLocked(now);
        }
    }

    private void ReadmitAllLocked(long now)
    {
        foreach (var endpoint in _table.All)
        {
            if (endpoint.Outlier.Phase != EjectionPhase.None)
            {
                endpoint.Outlier.Readmit(now);
                _notices.Add(new UpstreamNotice(UpstreamEvent.Readmitted) { Endpoint = endpoint });
            }
        }
    }

    private void Tick()
    {
        lock (_gate)
        {
            var now = _services.Clock.Now;
            if (_timers.Advance(_balance, now))
            {
                RefreshLocked(now);
            }
            else
            {
                _timers.Schedule(_balance, now);
            }
        }

        Tell();
    }

    private void Tell()
    {
        UpstreamNotice[] notices;
        lock (_gate)
        {
            if (_notices.Count == 0)
            {
                return;
            }

            notices = [.. _notices];
            _notices.Clear();
        }

        _reporter.Report(notices);
    }
}
