using System.Collections.Concurrent;
using Mesh.Client.Security;
using Mesh.Client.Transport;

namespace Mesh.Client.Policies;

/// <summary>
/// The connections to desks. A named <c>http</c> address is used as written. Under <c>https</c> the desk has to prove that
/// it is <c>mesh-desk</c> when this process has an identity. One that is named, and whose certificate does not claim to be
/// of any mesh, is verified by its name and the roots of the machine instead: a proxy in front of it, say. One that the
/// catalog lists is used when it proves to be the desk, or not at all.
/// </summary>
internal sealed class DeskConnections : IDisposable
{
    private readonly DeskTrust? _trust;
    private readonly HttpClient _plain;
    private readonly HttpClient? _verified;
    private readonly ConcurrentDictionary<Uri, bool> _foreign = new();

    public DeskConnections(DeskTrust? trust, TimeSpan patience, TimeProvider time)
    {
        _trust = trust;
        _plain = Client(Handler(patience));
        if (trust is not null)
        {
            var handler = Handler(patience);
            handler.UseProxy = false;
            handler.ConnectCallback = (context, cancellationToken) => new EndpointDialer(
                () => (context.DnsEndPoint.Host, context.DnsEndPoint.Port),
                () => new ConnectDeadlines(patience, patience),
                trust: null,
                time)
            {
                Peer = trust.Terms,
                Verifier = trust.Verifier,
            }.ConnectAsync(context, http2: false, cancellationToken);
            _verified = Client(handler);
        }
    }

    /// <summary>Sends a request to a desk.</summary>
    /// <exception cref="HttpRequestException">It cannot be reached, or is not who it should be.</exception>
    public async Task<HttpResponseMessage> SendAsync(
        DeskReplica replica, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var isVerified = IsVerified(replica);
        try
        {
            return await (isVerified ? _verified! : _plain)
                .SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        }
        catch (HttpRequestException error) when (isVerified && replica.IsNamed && HasNoId(error))
        {
            // From the next request on, which follows soon.
            _foreign[replica.Address] = true;
            throw;
        }
    }

    public void Dispose()
    {
        _plain.Dispose();
        _verified?.Dispose();
    }

    private bool IsVerified(DeskReplica replica)
    {
        if (replica.Address.Scheme != Uri.UriSchemeHttps || _verified is null)
        {
            return false;
        }

        // Without an identity a listed desk cannot be verified, and the attempt fails; a named one has the roots.
        return !replica.IsNamed || (_trust!.CanVerify && !_foreign.ContainsKey(replica.Address));
    }

    private static bool HasNoId(Exception error)
    {
        for (var inner = error.InnerException; inner is not null; inner = inner.InnerException)
        {
            if (inner is PeerRefusedException refused)
            {
                return refused.Verdict.Reason == MeshReasons.PeerNoId;
            }
        }

        return false;
    }

    private static HttpClient Client(SocketsHttpHandler handler) => new(handler) { Timeout = Timeout.InfiniteTimeSpan };

    private static SocketsHttpHandler Handler(TimeSpan patience) => new()
    {
        ConnectTimeout = patience,
        AllowAutoRedirect = false,
        UseCookies = false,
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(60),

        // The desk is no part of the calls that are traced.
        ActivityHeadersPropagator = null,
        MeterFactory = new DeskMeterFactory(),
    };
}
