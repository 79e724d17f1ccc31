using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Mesh.Client.Transport;

/// <summary>
/// The connections to one endpoint, each profile's in a handler of its own that is made on first use. A handler per
/// endpoint is what makes it possible to drop one endpoint's connections when it goes.
/// </summary>
internal sealed class SocketsEndpointTransport(
    EndpointDialer dialer, Random random, DistributedContextPropagator? propagator, IMeterFactory? meters)
    : EndpointTransport
{
    /// <summary>
    /// Profiles that get a pool of their own. An application has one or two; beyond the bound a profile shares the pool of
    /// one that decompresses alike, and gives up its own limit on response headers.
    /// </summary>
    internal const int MaxProfiles = 8;

    /// <summary>Longer than clients are known to be idle between bursts, shorter than load balancers forget a flow.</summary>
    private static readonly TimeSpan IdleTimeout = TimeSpan.FromMinutes(2);

    /// <summary>Bounds how long a connection sticks to a path whose name or route has changed; drawn within 20 %.</summary>
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(15);

    private static readonly TimeSpan PingDelay = TimeSpan.FromSeconds(15);

    /// <summary>Longer than a throttled container stands still: such a call is not ours to break.</summary>
    private static readonly TimeSpan PingTimeout = TimeSpan.FromSeconds(20);

    // Guards changes of _pools and _disposed, and orders them: a pool made after Dispose would never be closed.
    // Reading is free: _pools is replaced, never edited.
    private readonly Lock _gate = new();
    private volatile KeyValuePair<ClientProfile, HttpMessageInvoker>[] _pools = [];
    private bool _disposed;

    public override int Connections => dialer.Open.Count;

    public override Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, ClientProfile profile, CancellationToken cancellationToken) =>
        Pool(profile).SendAsync(request, cancellationToken);

    public override HttpResponseMessage Send(
        HttpRequestMessage request, ClientProfile profile, CancellationToken cancellationToken) =>
        Pool(profile).Send(request, cancellationToken);

    public override void Dispose()
    {
        KeyValuePair<ClientProfile, HttpMessageInvoker>[] pools;
        lock (_gate)
        {
            _disposed = true;
            pools = _pools;
        }

        // Running exchanges finish and their connections close then; idle connections close now.
        foreach (var pool in pools)
        {
            pool.Value.Dispose();
        }
    }

    private HttpMessageInvoker Pool(ClientProfile profile)
    {
        foreach (var pool in _pools)
        {
            if (ReferenceEquals(pool.Key, profile) || pool.Key == profile)
            {
                return pool.Value;
            }
        }

        lock (_gate)
        {
            return AddPoolLocked(profile);
        }
    }

    private HttpMessageInvoker AddPoolLocked(ClientProfile profile)
    {
        Debug.Assert(_gate.IsHeldByCurrentThread);
        ObjectDisposedException.ThrowIf(_disposed, this);
        var pools = _pools;
        var full = pools.Length >= MaxProfiles;
        foreach (var pool in pools)
        {
            if (pool.Key == profile || (full && pool.Key.Decompression == profile.Decompression))
            {
                return pool.Value;
            }
        }

        var invoker = new HttpMessageInvoker(CreateHandler(profile), disposeHandler: true);
        _pools = [.. pools, new(profile, invoker)];
        return invoker;
    }

    private SocketsHttpHandler CreateHandler(ClientProfile profile) => new()
    {
        ConnectCallback = dialer.ConnectAsync,
        ConnectTimeout = Timeout.InfiniteTimeSpan, // the dialer has the deadlines of the policy in force
        UseProxy = false,                          // a proxy of the environment is for the way out, not for neighbours
        AllowAutoRedirect = false,                 // the pipeline follows redirects, within the service only
        UseCookies = false,                        // all callers share this handler; they must not share cookies
        AutomaticDecompression = profile.Decompression,
        MaxResponseHeadersLength = profile.MaxResponseHeadersLength,
        EnableMultipleHttp2Connections = true,     // else calls queue at the peer's limit of streams
        KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
        KeepAlivePingDelay = PingDelay,
        KeepAlivePingTimeout = PingTimeout,
        PooledConnectionIdleTimeout = IdleTimeout,
        PooledConnectionLifetime = Lifetime * (0.8 + (0.4 * random.NextDouble())),
        ActivityHeadersPropagator = propagator ?? DistributedContextPropagator.Current, // null would end spans too
        MeterFactory = meters,
    };
}
