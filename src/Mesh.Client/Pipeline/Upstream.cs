using Mesh.Client.Attempts;
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
internal sealed partial class Upstream : IEndpointOwner, IDisposable
{
    private readonly Lock _gate = new();
    private readonly UpstreamServices _services;
    private readonly UpstreamReporter _reporter;
    private readonly EndpointTable _table;
    private readonly GroupTable _groups;
    private readonly EndpointTimers _timers;
    private readonly EjectionBoard _ejections;
    private readonly UpstreamAnswers _answers;
    private PolicyInForce _inForce;
    private ServiceRuntime? _runtime;
    private PeerFailures? _peers;
    private bool _declared;
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
        _lastUsed = services.Clock.Now;
        _answers = new UpstreamAnswers(_lastUsed);
        _inForce = new PolicyInForce(PolicyDefaults.For(name), "default", SwitchState.None);
        Budget = new RetryBudget(services.Clock.Time);
        lock (_gate)
        {
            EnforceLocked(_inForce);
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
    public bool IsUnknown => _answers.IsUnknown;

    /// <summary>A source answered that speaks of now: the registry or the configuration, not the snapshot on disk.</summary>
    public bool IsLive => _answers.IsLive;

    /// <summary>Configuration lists it, or it was once seen with endpoints: never passed through.</summary>
    public bool IsDeclared
    {
        get => Volatile.Read(ref _declared);
        set => Volatile.Write(ref _declared, value);
    }

    /// <summary>Completes with the first answer of any source, also "unknown".</summary>
    public Task FirstAnswer => _answers.First;

    /// <summary>When the endpoints in force were last confirmed by their source; its creation before the first answer.</summary>
    public long ConfirmedAt => _answers.ConfirmedAt;

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

    OutlierPlan IEndpointOwner.Outlier => Volatile.Read(ref _inForce).Outlier;

    /// <summary>Feeds: a new set of endpoints. Same ids keep their state; removed ones drain.</summary>
    public void ApplyEndpoints(EndpointSnapshot snapshot)
    {
        var change = new EndpointChange();
        lock (_gate)
        {
            var now = _services.Clock.Now;
            if (_answers.Accept(snapshot, now))
            {
                AdoptLocked(snapshot.Endpoints, change, now);
            }
        }

        foreach (var endpoint in change.Removed)
        {
            endpoint.Remove();
        }

        Renew(change.Rewired);
        _answers.Announce();
        _reporter.Tell();
    }

    /// <summary>Feeds: the set in force was confirmed unchanged just now.</summary>
    public void ConfirmEndpoints() => _answers.Confirm(_services.Clock.Now);

    /// <summary>Feeds: a new effective policy.</summary>
    /// <param name="policy">Already validated.</param>
    /// <param name="revision">For messages and reports.</param>
    public void ApplyPolicy(EffectivePolicy policy, string revision)
    {
        lock (_gate)
        {
            EnforceLocked(new PolicyInForce(policy, revision, _inForce.Switches));
        }

        _reporter.Tell();
    }

    /// <summary>Feeds: switches changed.</summary>
    public void ApplySwitches(SwitchState switches)
    {
        lock (_gate)
        {
            if (switches != _inForce.Switches)
            {
                EnforceLocked(new PolicyInForce(_inForce.Policy, _inForce.Revision, switches));
                _reporter.Note(new UpstreamNotice(UpstreamEvent.SwitchesChanged) { Switches = switches });
            }
        }

        _reporter.Tell();
    }

    /// <summary>Reads what only the lock keeps consistent. Nothing else may happen in <paramref name="read"/>.</summary>
    public T Read<T>(Func<PolicyInForce, T> read)
    {
        lock (_gate)
        {
            return read(_inForce);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _timers.Dispose();
            _reporter.Dispose();
        }

        foreach (var endpoint in _table.All)
        {
            endpoint.Remove();
        }
    }

    EndpointTransport IEndpointOwner.CreateTransport(MeshEndpoint endpoint) =>
        _services.Transports.Create(this, endpoint);

    bool IEndpointOwner.FailsMoreThanPeers(MeshEndpoint endpoint, long now) =>
        PeerFailures.Fresh(ref _peers, _table.All, now, _services.Clock).IsExceededBy(endpoint.Load.FailureShare);

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

        _reporter.Tell();
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
                _reporter.Note(new UpstreamNotice(UpstreamEvent.Readmitted) { Endpoint = endpoint });
                RefreshLocked(now);
            }
            else
            {
                EjectLocked(endpoint, EjectionReason.ProbeFailed);
            }
        }

        _reporter.Tell();
    }

    void IEndpointOwner.SuspicionChanged(MeshEndpoint endpoint)
    {
        lock (_gate)
        {
            _timers.Track(endpoint);
            _reporter.Note(UpstreamNotice.Suspicion(endpoint));
            RefreshLocked(_services.Clock.Now);
        }

        _reporter.Tell();
    }

    private void AdoptLocked(IReadOnlyList<EndpointInfo> endpoints, EndpointChange change, long now)
    {
        _table.Apply(endpoints, now, change);
        change.Removed.ForEach(_timers.Forget);
        change.Timed.ForEach(_timers.Track);
        IsDeclared |= endpoints.Count > 0;
        RewireLocked(change.Rewired);
        AdmitLocked();
        RefreshLocked(now);
        _reachable = true;
        OpenLocked();
    }

    // Policy and switches become plans; groups whose definition is as before keep their balancer.
    private void EnforceLocked(PolicyInForce next)
    {
        var now = _services.Clock.Now;
        Volatile.Write(ref _inForce, next);
        foreach (var notice in next.Outlier.Enabled ? [] : EjectionBoard.ReadmitAll(_table.All, now))
        {
            _reporter.Note(notice);
        }

        _groups.Define(next.Policy.Subsets, next.Balance.Algorithm);
        AdmitLocked();
        RefreshLocked(now);
        if (_runtime is not null)
        {
            Volatile.Write(ref _runtime, CompileLocked());
        }
    }

    private ServiceRuntime CompileLocked() => new()
    {
        Upstream = this,
        Routes = RouteCompiler.Compile(_inForce.Policy, _inForce.Switches, _groups.Groups),
        Groups = _groups.Groups,
        Switches = _inForce.Switches,
        Policy = _inForce.Policy,
        PolicyRevision = _inForce.Revision,
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
            group.Refresh(_inForce.Balance, now);
            if (group.IsPanic != panicked)
            {
                _reporter.Note(UpstreamNotice.Panic(group));
            }
        }

        _groups.ResolveStandIns();
        _timers.Schedule(_inForce.Balance, now);
    }

    private void EjectLocked(MeshEndpoint endpoint, EjectionReason reason)
    {
        var now = _services.Clock.Now;
        if (_ejections.TryEject(endpoint, reason, _table.All, _inForce.Outlier, now) is not { } notice)
        {
            return;
        }

        _reporter.Note(notice);
        if (notice.Event == UpstreamEvent.Ejected)
        {
            _timers.Track(endpoint);
            RefreshLocked(now);
        }
    }

    private void Tick()
    {
        lock (_gate)
        {
            var now = _services.Clock.Now;
            if (_timers.Advance(_inForce.Balance, now))
            {
                RefreshLocked(now);
            }
            else
            {
                _timers.Schedule(_inForce.Balance, now);
            }
        }

        _reporter.Tell();
    }
}
