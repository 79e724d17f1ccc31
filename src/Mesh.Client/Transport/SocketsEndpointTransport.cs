using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Mesh.Client.Transport;

/// <summary>
/// The connections to one endpoint, those of each profile and version of HTTP in a handler of its own that is made on first
/// use. A handler per endpoint is what makes it possible to drop one endpoint's connections when it goes.
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

    /// <summary>
    /// What a peer may send of one answer before it has to wait to be told that it was read. The platform begins with
    /// 64 KiB and learns; larger answers would pay for its lessons on every new connection.
    /// </summary>
    private const int StreamWindow = 1024 * 1024;

    private static readonly TimeSpan PingDelay = TimeSpan.FromSeconds(15);

    /// <summary>Longer than a throttled container stands still: such a call is not ours to break.</summary>
    private static readonly TimeSpan PingTimeout = TimeSpan.FromSeconds(20);

    // Guards changes of _pools and _disposed, and orders them: a pool made after Dispose would never be closed.
    // Reading is free: _pools is replaced, never edited.
    private readonly Lock _gate = new();
    private volatile TransportPool[] _pools = [];
    private bool _disposed;

    public override bool IsSecure => dialer.Peer is not null;

    public override int Connections => dialer.Open.Count;

    public override void Abort() => dialer.Open.Abort();

    public override Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, ClientProfile profile, CancellationToken cancellationToken) =>
        Pool(profile, IsHttp2(request)).SendAsync(request, cancellationToken);

    public override HttpResponseMessage Send(
        HttpRequestMessage request, ClientProfile profile, CancellationToken cancellationToken) =>
        Pool(profile, IsHttp2(request)).Send(request, cancellationToken);

    public override void Dispose()
    {
        TransportPool[] pools;
        lock (_gate)
        {
            _disposed = true;
            pools = _pools;
        }

        // Running exchanges finish and their connections close then; idle connections close now.
        foreach (var pool in pools)
        {
            pool.Invoker.Dispose();
        }
    }

    // Attempts have an exact version, so no connection could be used by the other kind of calls.
    private static bool IsHttp2(HttpRequestMessage request) => request.Version.Major >= 2;

    private HttpMessageInvoker Pool(ClientProfile profile, bool http2)
    {
        foreach (var pool in _pools)
        {
            if (pool.Http2 == http2 && (ReferenceEquals(pool.Profile, profile) || pool.Profile == profile))
            {
                return pool.Invoker;
            }
        }

        lock (_gate)
        {
            return AddPoolLocked(profile, http2);
        }
    }

    private HttpMessageInvoker AddPoolLocked(ClientProfile profile, bool http2)
    {
        Debug.Assert(_gate.IsHeldByCurrentThread);
        ObjectDisposedException.ThrowIf(_disposed, this);
        var pools = Array.FindAll(_pools, pool => pool.Http2 == http2);
        var full = pools.Length >= MaxProfiles;
        foreach (var pool in pools)
        {
            if (pool.Profile == profile || (full && pool.Profile.Decompression == profile.Decompression))
            {
                return pool.Invoker;
            }
        }

        var invoker = new HttpMessageInvoker(CreateHandler(profile, http2), disposeHandler: true);
        _pools = [.. _pools, new TransportPool(profile, http2, invoker)];
        return invoker;
    }

    private SocketsHttpHandler CreateHandler(ClientProfile profile, bool http2) => new()
    {
        ConnectCallback = (context, token) => dialer.ConnectAsync(context, http2, token),
        ConnectTimeout = Timeout.InfiniteTimeSpan, // the dialer has the deadlines of the policy in force
        UseProxy = false,                          // a proxy of the environment is for the way out, not for neighbours
        AllowAutoRedirect = false,                 // the pipeline follows redirects, within the service only
        UseCookies = false,                        // all callers share this handler; they must not share cookies
        AutomaticDecompression = profile.Decompression,
        MaxResponseHeadersLength = profile.MaxResponseHeadersLength,
        EnableMultipleHttp2Connections = true,     // else calls queue at the peer's limit of streams
        InitialHttp2StreamWindowSize = StreamWindow,
        KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
        KeepAlivePingDelay = http2 ? PingDelay : Timeout.InfiniteTimeSpan,
        KeepAlivePingTimeout = PingTimeout,
        PooledConnectionIdleTimeout = IdleTimeout,
        PooledConnectionLifetime = Lifetime * (0.8 + (0.4 * random.NextDouble())),
        ActivityHeadersPropagator = propagator ?? DistributedContextPropagator.Current, // null would end spans too
        MeterFactory = meters,
    };
}
