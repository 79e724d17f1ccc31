using System.Collections.Concurrent;
using Mesh.Client.Balancing;
using Mesh.Client.Telemetry;
using Mesh.Client.Transport;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Pipeline;

/// <summary>
/// The mesh of this process: all upstreams and what they share. One per service provider; starts with the first call or
/// with the host, whichever comes first.
/// </summary>
internal sealed partial class MeshRuntime : IDisposable
{
    private readonly ConcurrentDictionary<string, FedUpstream> _upstreams = new(StringComparer.Ordinal);
    private readonly UpstreamServices _services;
    private readonly IUpstreamFeed[] _feeds;
    private readonly ILogger _logger;
    private readonly TimeSpan _idleAfter;
    private readonly MeshOptions _options;
    private readonly ITimer _sweep;
    private volatile bool _disposed;

    public MeshRuntime(
        MeshOptions options,
        MeshSelf self,
        TimeProvider time,
        Random random,
        MeshInstruments instruments,
        ITransportFactory transports,
        LoadBalancerRegistry balancers,
        IEnumerable<IUpstreamFeed> feeds,
        ILoggerFactory loggers,
        OutboundSecurity? security = null)
    {
        Self = self;
        _options = options;
        _logger = loggers.CreateLogger<MeshRuntime>();
        var (clock, logger) = (new MeshClock(time), loggers.CreateLogger<Upstream>());
        _services = new UpstreamServices(clock, random, instruments, transports, balancers, logger)
        {
            Security = security ?? OutboundSecurity.None,
            Renewal = new ConnectionRenewal(clock, random, options.Connections, logger),
        };
        _services.Security.Changed += OnSecurity;
        if (!_services.Security.FirstAnswer.IsCompleted)
        {
            // That there is no identity, or no policy, is an answer too: what waited for it opens.
            _services.Security.FirstAnswer.GetAwaiter().UnsafeOnCompleted(() => OnSecurity(renew: false));
        }

        _feeds = [.. feeds];
        _idleAfter = options.Discovery.IdleWatch;
        UpstreamGauges.Register(instruments.Meter, () => Upstreams, _services.Clock);
        using (Quietly())
        {
            _sweep = time.CreateTimer(
                static runtime => ((MeshRuntime)runtime!).SweepGuarded(), this, _idleAfter / 2, _idleAfter / 2);
        }
    }

    /// <summary>Who this process is.</summary>
    public MeshSelf Self { get; }

    /// <summary>The clock that the state of endpoints is kept by.</summary>
    public MeshClock Clock => _services.Clock;

    /// <summary>Every upstream so far.</summary>
    public IEnumerable<Upstream> Upstreams => _upstreams.Select(static pair => pair.Value.Upstream);

    /// <summary>The upstream of this (lower-case) name when there is one; makes and attaches nothing.</summary>
    /// <param name="name">The name.</param>
    /// <param name="isWatched">Its feeds are attached: what is known of it is kept up to date.</param>
    public Upstream? Find(string name, out bool isWatched)
    {
        var found = _upstreams.TryGetValue(name, out var fed);
        isWatched = found && fed!.IsAttached;
        return found ? fed!.Upstream : null;
    }

    /// <summary>The upstream of this (lower-case) name; made, and its feeds attached, on first use.</summary>
    public Upstream GetUpstream(string name)
    {
        while (true)
        {
            if (!_upstreams.TryGetValue(name, out var fed))
            {
                ObjectDisposedException.ThrowIf(_disposed, this);
                fed = _upstreams.GetOrAdd(name, static (name, runtime) => runtime.Make(name), this);
            }

            if (fed.IsAttached || TryAttach(fed))
            {
                return fed.Upstream;
            }
        }
    }

    public void Dispose()
    {
        _disposed = true;
        _services.Security.Changed -= OnSecurity;
        _services.Renewal.Dispose();
        _sweep.Dispose();
        foreach (var (_, fed) in _upstreams)
        {
            Detach(fed);
            fed.Upstream.Dispose();
        }
    }

    // A call's execution context (its activity, its security token) must not live on in watches and timers.
    private static AsyncFlowControl? Quietly() =>
        ExecutionContext.IsFlowSuppressed() ? null : ExecutionContext.SuppressFlow();

    private FedUpstream Make(string name) => new(new Upstream(name, _services)
    {
        IsDeclared = _options.Upstreams.ContainsKey(name),
        Used = Used,
    });

    // A handler may hold on to an upstream for as long as it lives: use of one whose feeds were dropped brings them back.
    private void Used(Upstream upstream)
    {
        if (!_disposed && _upstreams.TryGetValue(upstream.Name, out var fed) && !fed.IsAttached)
        {
            TryAttach(fed);
        }
    }

    /// <summary>False when the upstream was forgotten meanwhile: another one has taken its place, or will.</summary>
    private bool TryAttach(FedUpstream fed)
    {
        lock (fed.Gate)
        {
            if (fed.IsAttached || fed.IsForgotten || _disposed)
            {
                return !fed.IsForgotten;
            }

            // First: setting the time of use below asks whether the feeds are attached.
            fed.IsAttached = true;
            fed.Upstream.LastUsed = _services.Clock.Now;
            using (Quietly())
            {
                foreach (var feed in _feeds)
                {
                    Guard(feed, fed.Upstream, static (feed, upstream) => feed.Attach(upstream));
                }
            }

            return true;
        }
    }

    private void Detach(FedUpstream fed)
    {
        lock (fed.Gate)
        {
            if (!fed.IsAttached)
            {
                return;
            }

            fed.IsAttached = false;
            foreach (var feed in _feeds)
            {
                Guard(feed, fed.Upstream, static (feed, upstream) => feed.Detach(upstream));
            }
        }
    }

    // A name that never had endpoints leaves nothing worth keeping. Whoever puts the input of users into host names would
    // else make the process grow with each name.
    private void ForgetUnknown(FedUpstream fed)
    {
        lock (fed.Gate)
        {
            if (fed.IsAttached || fed.Upstream.Runtime is not null)
            {
                return;
            }

            fed.IsForgotten = true;
            _upstreams.TryRemove(fed.Upstream.Name, out _);
        }

        fed.Upstream.Dispose();
    }

    // One feed's defect must not keep the others from supplying.
    private void Guard(IUpstreamFeed feed, Upstream upstream, Action<IUpstreamFeed, Upstream> action)
    {
        try
        {
            action(feed, upstream);
        }
        catch (Exception error)
        {
            Log.FeedFailed(_logger, feed.GetType().Name, upstream.Name, error);
        }
    }

    private void OnSecurity(bool renew)
    {
        foreach (var upstream in Upstreams)
        {
            upstream.Rewire();
            if (renew)
            {
                upstream.RenewConnections();
            }
        }
    }

    private void SweepGuarded() => BackgroundWork.Guard("sweep of idle watches", Sweep, _logger);

    private void Sweep()
    {
        var now = _services.Clock.Now;
        foreach (var (_, fed) in _upstreams)
        {
            // What configuration lists stays watched: somebody counts on it being at hand.
            if (fed.IsAttached && !_options.Upstreams.ContainsKey(fed.Upstream.Name) &&
                _services.Clock.Until(fed.Upstream.LastUsed, now) >= _idleAfter)
            {
                Log.Idle(_logger, fed.Upstream.Name, _idleAfter);
                Detach(fed);
                ForgetUnknown(fed);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4000, LogLevel.Error,
            "The feed {Feed} could not be started or stopped for {Service}; calls go on with what is known.")]
        public static partial void FeedFailed(ILogger logger, string feed, string service, Exception error);

        [LoggerMessage(4001, LogLevel.Debug,
            "{Service} was not called for {Idle}; it is no longer watched. The next call watches it again.")]
        public static partial void Idle(ILogger logger, string service, TimeSpan idle);
    }
}
