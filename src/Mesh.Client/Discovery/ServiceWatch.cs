using Mesh.Client.Pipeline;
using Mesh.Consul;

namespace Mesh.Client.Discovery;

/// <summary>
/// Keeps one upstream's endpoints in step with Consul: hears answers and failures, from its own blocking query or from
/// the shared watch, and publishes what is believed of them.
/// </summary>
internal sealed partial class ServiceWatch : IBlockingQueryObserver<ServiceHealth[]>, IDisposable
{
    private readonly DiscoveryContext _context;
    private readonly Upstream _upstream;
    private readonly ITimer _confirm;
    private readonly ITimer _boot;
    private readonly long _origin;

    // Guards the fields below and the order in which sets reach the upstream: watch, confirmation and boot timer run on
    // different threads. Upstream.ApplyEndpoints is called under it and never calls back; no I/O happens under it.
    private readonly Lock _gate = new();
    private readonly LastGoodSet _set;
    private ulong _index;
    private bool _answered;
    private bool _seeded;
    private bool _published;
    private bool _running;
    private bool _filtered;
    private int _portless;
    private bool _failing;
    private long _confirmedAt;
    private OwnQuery? _own;
    private CancellationTokenSource? _life;
    private volatile DiscoveryNote? _last;

    public ServiceWatch(Upstream upstream, DiscoveryContext context)
    {
        _upstream = upstream;
        _context = context;
        _origin = _confirmedAt = context.Time.GetTimestamp();
        _set = new LastGoodSet(context.Options.SuspectWindow);
        _confirm = BackgroundWork.CreateTimer(context.Time, StartConfirming, context.Logger);
        _boot = BackgroundWork.CreateTimer(context.Time, UseSnapshot, context.Logger);
    }

    public string Service => _upstream.Name;

    /// <summary>
    /// What is watched are the proxies in front of the service. Their checks have other names than the service, so no shared
    /// watch notices their changes: it keeps a query of its own.
    /// </summary>
    public bool IsSidecar => _context.Sidecars.Contains(Service);

    /// <summary>The index of the newest answer.</summary>
    public ulong Index => Volatile.Read(ref _index);

    /// <summary>How long the endpoints in force have not been confirmed; zero while the watch works.</summary>
    public TimeSpan Age => Sight.Age;

    /// <summary>What was heard last, and what is made of it.</summary>
    public DiscoverySight Sight
    {
        get
        {
            lock (_gate)
            {
                var last = _last;
                return new DiscoverySight
                {
                    Source = last?.Source,
                    Result = last?.Result,
                    ResultAge = last is null ? null : _context.Time.GetElapsedTime(last.At),
                    Age = _failing || _set.Doubt == AbsenceReason.Acl
                        ? _context.Time.GetElapsedTime(_confirmedAt)
                        : TimeSpan.Zero,
                    Held = _set.SuspectCount,
                    Doubt = _set.SuspectCount == 0 ? null : _set.Doubt.Word(),
                };
            }
        }
    }

    private TimeSpan Now => _context.Time.GetElapsedTime(_origin);

    /// <summary>
    /// Begins, or goes on with or without a query of its own: without one it is fed by another.
    /// </summary>
    public void Start(bool ownQuery)
    {
        var next = ownQuery ? new OwnQuery(this, _context) : null;
        OwnQuery? before;
        CancellationToken token;
        lock (_gate)
        {
            (before, _own) = (_own, next);
            if (!_running)
            {
                _running = true;
                _life = new CancellationTokenSource();
                ScheduleLocked();
                BootLocked();
            }

            token = _life!.Token;
        }

        before?.Retire(forget: next is not null);
        next?.Start(token);
    }

    /// <summary>Stops what costs; what is known stays.</summary>
    public void Stop()
    {
        CancellationTokenSource? life;
        lock (_gate)
        {
            (life, _life, _own, _running) = (_life, null, null, false);
            _confirm.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _boot.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        // Outside of the lock: cancelling runs the continuations of whoever waits.
        life?.Cancel();
        life?.Dispose();
    }

    public ValueTask OnResultAsync(ConsulResponse<ServiceHealth[]> response, BlockingQueryTransition transition)
    {
        _context.Link.Answered();
        _context.Skew.Observe(response.Date);
        var endpoints = Map(response.Value);
        Seed();
        lock (_gate)
        {
            if (!_running)
            {
                return ValueTask.CompletedTask;
            }

            var hidden = IsHidingLocked(response, transition);

            // A query that began anew does not know where the one before was.
            var regressed = transition == BlockingQueryTransition.IndexRegressed ||
                (transition == BlockingQueryTransition.First && response.Index < _index);
            (_index, _filtered) = (response.Index, response.FilteredByAcls);
            var (before, known) = (_set.SuspectCount, _set.Endpoints);
            var changed = _context.Options.KeepLastGood
                ? _set.Offer(endpoints, regressed, Now, hidden)
                : _set.Believe(endpoints);
            PublishLocked(changed);
            if (_set.SuspectCount > before)
            {
                DoubtedLocked();
            }
            else if (endpoints.Count == 0 && !_set.EverSeen)
            {
                _context.LookAtToken();
            }

            if (changed && _context.Options.KeepLastGood)
            {
                CheckLossesLocked(known, response);
            }

            ScheduleLocked();
        }

        return ValueTask.CompletedTask;
    }

    public void OnFailure(Exception error, int failures)
    {
        Tell("consul", _context.Link.Failed(error));
        UseSnapshot();
        lock (_gate)
        {
            if (!_context.Options.KeepLastGood && _running && _answered && _set.Believe([]))
            {
                PublishLocked(changed: true);
            }

            _failing = true;
        }
    }

    /// <summary>The nodes on which the endpoints are registered.</summary>
    public IEnumerable<string> Nodes()
    {
        lock (_gate)
        {
            return _set.Endpoints.Select(e => e.Node).OfType<string>();
        }
    }

    public void Dispose()
    {
        Stop();
        _confirm.Dispose();
        _boot.Dispose();
    }

    private void Tell(string source, string result)
    {
        _context.Instruments.DiscoveryUpdate(Service, source, result);
        _last = new DiscoveryNote(source, result, _context.Time.GetTimestamp());
    }

    private void BootLocked()
    {
        if (!_answered)
        {
            // Half of what a first call waits, so that the snapshot is there before it gives up.
            var half = _context.Options.FirstAnswerTimeout / 2;
            var patience = half < TimeSpan.FromSeconds(1) ? half : TimeSpan.FromSeconds(1);
            _boot.Change(patience, Timeout.InfiniteTimeSpan);
        }
    }

    private List<EndpointInfo> Map(ServiceHealth[] answer)
    {
        var endpoints = EndpointMapper.Map(answer, _context.Datacenter, out var portless, IsSidecar);
        if (Interlocked.Exchange(ref _portless, portless) < portless)
        {
            DiscoveryLog.Portless(_context.Logger, Service, portless);
        }

        return endpoints;
    }

    private void PublishLocked(bool changed)
    {
        var first = !_answered;
        _answered = true;
        _boot.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        if (changed || first)
        {
            _upstream.ApplyEndpoints(new EndpointSnapshot(_set.Endpoints, EndpointSource.Consul, _set.EverSeen));
            DiscoveryLog.Changed(_context.Logger, Service, _set.Endpoints.Count, _set.SuspectCount);
        }
        else
        {
            _upstream.ConfirmEndpoints();
        }

        Tell("consul", changed ? "applied" : "unchanged");
        _failing = false;
        if (_set.Doubt != AbsenceReason.Acl)
        {
            _confirmedAt = _context.Time.GetTimestamp();
        }

        if (_set.EverSeen)
        {
            _upstream.IsDeclared = true;
            _context.Snapshot.RecordEndpoints(Service, _set.Endpoints, _context.Time.GetUtcNow(), changed || first);
        }
    }

    /// <summary>What an earlier run knew is the baseline the first answer is judged by.</summary>
    private void Seed()
    {
        if (Volatile.Read(ref _seeded))
        {
            return;
        }

        // Reads a file the first time, hence outside of the lock.
        var remembered = _context.Options.KeepLastGood ? _context.Snapshot.FindEndpoints(Service) : null;
        var secure = _context.Snapshot.WasSeenWithTls(Service);
        lock (_gate)
        {
            if (secure && !_seeded)
            {
                _upstream.RecallTls();
            }

            if (!_seeded && remembered is not null && !_set.EverSeen)
            {
                _set.Seed(remembered);
                _upstream.IsDeclared = true;
            }

            _seeded = true;
        }
    }

    /// <summary>Consul has not answered yet: what an earlier run knew is better than nothing.</summary>
    private void UseSnapshot()
    {
        Seed();
        lock (_gate)
        {
            if (!_running || _answered || _published || _set.Endpoints.Count == 0)
            {
                return;
            }

            _published = true;
            _upstream.ApplyEndpoints(new EndpointSnapshot(_set.Endpoints, EndpointSource.Snapshot, Known: true));
            Tell("snapshot", "applied");
            DiscoveryLog.FromSnapshot(_context.Logger, Service, _set.Endpoints.Count);
        }
    }
}
