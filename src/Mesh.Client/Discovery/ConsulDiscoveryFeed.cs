using System.Diagnostics;
using System.Diagnostics.Metrics;
using Mesh.Client.Pipeline;
using Mesh.Client.Telemetry;
using Mesh.Consul;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Discovery;

/// <summary>
/// Endpoints from Consul: one blocking query per service, shared by all clients of the process. When more services are
/// watched than the agent should have connections for, one watch of all health checks drives reads of what changed.
/// </summary>
internal sealed partial class ConsulDiscoveryFeed : IUpstreamFeed, IDisposable
{
    /// <summary>Queries left for others than the watches of services: the shared watch and a confirming read.</summary>
    private const int Reserve = 2;

    /// <summary>How many nodes are asked about at once; others have their turn the next time.</summary>
    private const int NodesAsked = 32;

    private readonly MeshOptions _options;
    private readonly DiscoveryContext _context;
    private readonly ConnectionProbe _probe;
    private readonly ITimer _relax;
    private readonly int _limit;
    private readonly int _declared;

    // Guards the fields below, and those about sharing. Watches take their own lock inside it and never call back into the
    // feed under theirs.
    private readonly Lock _gate = new();
    private readonly Dictionary<string, ServiceWatch> _watches = new(StringComparer.Ordinal);
    private readonly HashSet<string> _active = new(StringComparer.Ordinal);
    private readonly TokenWatch _token;
    private bool _asksAboutToken;
    private bool _disposed;

    public ConsulDiscoveryFeed(
        MeshOptions options,
        MeshConsul consul,
        SnapshotStore snapshot,
        MeshInstruments instruments,
        TimeProvider time,
        Random random,
        ILoggerFactory loggers)
    {
        var logger = new GuardedLoggers(loggers).CreateLogger<ConsulDiscoveryFeed>();
        _options = options;
        _limit = Math.Max(1, options.Consul.MaxBlockingQueries - Reserve);
        _context = new DiscoveryContext
        {
            Options = options.Discovery,
            Datacenter = options.Consul.Datacenter,
            Client = consul.Client,
            Link = new RegistryLink(time, logger),
            Skew = new ClockSkew(time, logger),
            Lines = new LogLimiter(time),
            Canary = new TokenCanary(consul.Client, options.Consul.Datacenter),
            Trouble = new TokenTrouble(time, logger),
            LookAtToken = () => _token!.Nudge(),
            Snapshot = snapshot,
            Instruments = instruments,
            Time = time,
            Random = random,
            Logger = logger,
            Sidecars = options.Upstreams.Where(u => u.Value.Sidecar).Select(u => u.Key)
                .ToHashSet(StringComparer.OrdinalIgnoreCase),
        };
        _token = new TokenWatch(_context, Needed, ReadAgain);
        _declared = options.Upstreams.Keys.Count(name => !StaticDiscoveryFeed.IsStatic(options, name.ToLowerInvariant()));
        _probe = new ConnectionProbe(_context);
        _relax = BackgroundWork.CreateTimer(time, Relax, logger);
        _context.Link.LimitReached += OnLimitReached;
        instruments.Meter.CreateObservableGauge(
            MeshTelemetry.DiscoveryAge, Ages, "s",
            "Time since the endpoints were last confirmed; 0 while the watch works.");
        instruments.Meter.CreateObservableGauge(
            MeshTelemetry.ClockSkew, Skew, "s", "How far this machine's clock is ahead of Consul's.");
    }

    /// <summary>How far this machine's clock is ahead of Consul's; unknown before the first answer.</summary>
    public TimeSpan? ClockSkew => _context.Skew.Value;

    /// <summary>How long Consul has not answered; zero while it does.</summary>
    public TimeSpan LostFor => _context.Link.LostFor;

    /// <summary>Why Consul is lost, a word of <see cref="MeshReasons"/>; <see langword="null"/> while it answers.</summary>
    public string? LostReason => _context.Link.LostReason;

    /// <summary>The watch of a service; <see langword="null"/> when there is none.</summary>
    public DiscoverySight? Find(string service)
    {
        lock (_gate)
        {
            return _watches.TryGetValue(service, out var watch) ? watch.Sight : null;
        }
    }

    /// <summary>What is wrong with the Consul token; <see langword="null"/> when nothing is.</summary>
    public string? TokenTrouble => _context.Link.Refusal ?? _context.Trouble.Description;

    /// <summary>
    /// The token changed, or may do again what it could not: what was read with the old one, or hidden, is worth reading
    /// again. Raised outside of any lock.
    /// </summary>
    public event Action? TokenChanged;

    public void Attach(Upstream upstream)
    {
        if (!_options.Discovery.UseConsul || StaticDiscoveryFeed.IsStatic(_options, upstream.Name))
        {
            return;
        }

        lock (_gate)
        {
            if (_disposed || !_active.Add(upstream.Name))
            {
                return;
            }

            if (!_watches.TryGetValue(upstream.Name, out var watch))
            {
                watch = new ServiceWatch(upstream, _context);
                _watches.Add(upstream.Name, watch);
            }

            if (!_asksAboutToken)
            {
                _asksAboutToken = true;
                _token.Start();
            }

            // Upstreams are declared before they are attached one by one: what will be shared is shared from the start.
            var expected = Math.Max(_active.Count, _declared);
            if (_shared is null && (expected > _limit || (_thrifty && expected > 1)))
            {
                ShareLocked();
            }
            else
            {
                StartLocked(watch);
            }

            ProbeLocked();
        }
    }

    public void Detach(Upstream upstream)
    {
        lock (_gate)
        {
            if (!_active.Remove(upstream.Name))
            {
                return;
            }

            _shared?.Remove(upstream.Name);
            _watches[upstream.Name].Stop();
            if (upstream.Runtime is null)
            {
                // Nothing is known of it that the next watch could go on from, and there may be no next one.
                _watches[upstream.Name].Dispose();
                _watches.Remove(upstream.Name);
            }

            UnshareIfFewLocked();
            ProbeLocked();
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            _token.Dispose();
            _context.Link.LimitReached -= OnLimitReached;
            _relax.Dispose();
            _probe.Run(false);
            _shared?.Dispose();
            foreach (var watch in _watches.Values)
            {
                watch.Dispose();
            }
        }
    }

    /// <summary>
    /// What the token must allow: to see the services called, nodes of theirs, and policy where no config server tells it.
    /// </summary>
    private List<ConsulPermission> Needed()
    {
        lock (_gate)
        {
            var needed = _active.Select(TokenCanary.SeeService).ToList();
            var nodes = _active.SelectMany(name => _watches[name].Nodes()).Distinct().ToArray();
            _context.Random.Shuffle(nodes);
            needed.AddRange(
                nodes.Length == 0 ? [TokenCanary.SeeNode("")] : nodes.Take(NodesAsked).Select(TokenCanary.SeeNode));
            if (_options.ConfigServer is null)
            {
                needed.Add(new ConsulPermission("key", "list", _options.Name + "/"));
            }

            return needed;
        }
    }

    private void ReadAgain()
    {
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }

            _shared?.EnqueueAll();
            foreach (var watch in _active.Select(name => _watches[name]).Where(w => _shared is null || w.IsSidecar))
            {
                StartLocked(watch);
            }
        }

        TokenChanged?.Invoke();
    }

    private IEnumerable<Measurement<double>> Skew() =>
        ClockSkew is { } skew ? [new Measurement<double>(skew.TotalSeconds)] : [];

    private IEnumerable<Measurement<double>> Ages()
    {
        lock (_gate)
        {
            return
            [
                .. _active.Select(name => new Measurement<double>(
                    _watches[name].Age.TotalSeconds, new TagList { { MeshTelemetry.ServiceTag, name } })),
            ];
        }
    }
}
