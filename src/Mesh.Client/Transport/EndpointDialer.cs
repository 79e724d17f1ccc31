using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Mesh.Client.Security;

namespace Mesh.Client.Transport;

/// <summary>
/// Makes one connection to one endpoint, whatever the request's URI says: the URI stays logical, and names the host in
/// the <c>Host</c> header, in the TLS handshake and in telemetry. Every failure is an <see cref="EndpointConnectException"/>.
/// </summary>
/// <param name="target">Where to; asked at every connect, since an instance may register again at another address.</param>
/// <param name="deadlines">How long it may take; asked at every connect, so that a new policy acts on the next one.</param>
/// <param name="trust">Who is trusted under <c>https</c>; <see langword="null"/> means the roots of the machine.</param>
/// <param name="time">Runs the deadlines.</param>
internal sealed class EndpointDialer(
    Func<(string Host, int Port)> target, Func<ConnectDeadlines> deadlines, X509ChainPolicy? trust, TimeProvider time)
{
    /// <summary>Seconds of silence after which the kernel asks whether an idle peer is still there.</summary>
    private const int KeepAliveSeconds = 30;

    private static readonly List<SslApplicationProtocol> Http1 = [SslApplicationProtocol.Http11];
    private static readonly List<SslApplicationProtocol> Http2 = [SslApplicationProtocol.Http2];
    private static readonly List<SslApplicationProtocol> Both =
        [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11];

    /// <summary>The connections made here that are still open.</summary>
    public OpenConnections Open { get; } = new();

    /// <summary>
    /// As whom connections are made, and to whom: then they are mutual TLS of the mesh, whatever the request's URI says.
    /// Asked at every connect, so that a new certificate or root acts on the next one.
    /// </summary>
    public Func<PeerTerms?>? Peer { get; init; }

    /// <summary>Judges who answered; needed with <see cref="Peer"/>.</summary>
    public PeerVerifier? Verifier { get; init; }

    /// <summary>Hears how connections come about.</summary>
    public IDialObserver? Observer { get; init; }

    /// <summary>
    /// For <see cref="SocketsHttpHandler.ConnectCallback"/>. A connection outlives the request that asked for it, so
    /// nothing of that request's execution context may stay with it.
    /// </summary>
    /// <param name="context">The request that asked for it, which may have ended since.</param>
    /// <param name="http2">The connection is for HTTP/2.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public ValueTask<Stream> ConnectAsync(
        SocketsHttpConnectionContext context, bool http2, CancellationToken cancellationToken)
    {
        if (ExecutionContext.IsFlowSuppressed())
        {
            return DialAsync(context.InitialRequestMessage, http2, cancellationToken);
        }

        using var flow = ExecutionContext.SuppressFlow();
        return DialAsync(context.InitialRequestMessage, http2, cancellationToken);
    }

    private async ValueTask<Stream> DialAsync(HttpRequestMessage request, bool http2, CancellationToken cancellationToken)
    {
        var (limits, (host, port)) = (deadlines(), target());
        var peer = $"{host}:{port}";
        var tls = ConnectionTls.None;
        var terms = Peer is null ? null : Peer() ?? throw NoIdentity(peer);
        Stream stream = new CountedStream(
            await OpenAsync(host, port, limits.Connect, cancellationToken).ConfigureAwait(false), Open);

        // Handshakes are made here and not by the handler, so that the deadline is that of the policy in force and a
        // failure is known to have sent nothing. The handler takes an authenticated stream as it is, negotiated protocol
        // included; under an http URI it takes any stream, and speaks the request's exact version on it.
        if (terms is not null)
        {
            tls = ConnectionTls.Mutual;
            stream = await HandshakeAsync(
                stream,
                peer,
                (plain, token) => MeshHandshake.AsClientAsync(plain, terms, Verifier!, http2 ? Http2 : Http1, token),
                limits.Handshake,
                cancellationToken).ConfigureAwait(false);
        }
        else if (request.RequestUri!.Scheme is not ("http" or "ws"))
        {
            tls = ConnectionTls.Server;
            stream = await HandshakeAsync(
                stream, peer, (plain, token) => AuthenticateAsync(plain, request, token), limits.Handshake, cancellationToken)
                .ConfigureAwait(false);
        }

        Observer?.Opened(tls, http2);
        return stream;
    }

    private EndpointConnectException NoIdentity(string peer)
    {
        const string Detail = "this process has no identity to show.";
        Observer?.NotSecured(MeshReasons.NoIdentity, Detail);
        return new EndpointConnectException($"{peer}: {Detail}", ConnectFailure.NoIdentity, inner: null);
    }

    private async Task<Socket> OpenAsync(string host, int port, TimeSpan limit, CancellationToken cancellationToken)
    {
        var address = IPAddress.TryParse(host, out var literal) ? literal : null;
        var socket = address is null
            ? new Socket(SocketType.Stream, ProtocolType.Tcp)
            : new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        using var deadline = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            socket.NoDelay = true;
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, KeepAliveSeconds);
            EndPoint peer = address is null ? new DnsEndPoint(host, port) : new IPEndPoint(address, port);
            await socket.ConnectAsync(peer, either.Token).ConfigureAwait(false);
            return socket;
        }
        catch (Exception exception)
        {
            socket.Dispose();
            if (cancellationToken.IsCancellationRequested)
            {
                throw;
            }

            throw exception is OperationCanceledException
                ? Failed($"{host}:{port}", ConnectFailure.Timeout, $"no connection within {limit.TotalMilliseconds:0} ms", exception)
                : Failed($"{host}:{port}", Classify(exception), exception.Message, exception);
        }
    }

    private async Task<Stream> HandshakeAsync(
        Stream plain,
        string peer,
        Func<Stream, CancellationToken, Task<SslStream>> authenticate,
        TimeSpan limit,
        CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            return await authenticate(plain, either.Token).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            if (cancellationToken.IsCancellationRequested)
            {
                throw;
            }

            throw NotSecured(peer, limit, exception);
        }
    }

    private EndpointConnectException NotSecured(string peer, TimeSpan limit, Exception exception)
    {
        var (failure, reason, detail) = exception switch
        {
            PeerRefusedException { Verdict: var verdict } => (ConnectFailure.Peer, verdict.Reason!, verdict.Detail!),
            OperationCanceledException =>
                (ConnectFailure.Timeout, MeshReasons.TimedOut, $"no TLS handshake within {limit.TotalMilliseconds:0} ms."),
            _ => (ConnectFailure.Handshake, MeshReasons.Handshake, $"TLS handshake failed: {exception.Message}"),
        };
        Observer?.NotSecured(reason, detail);
        return Failed(peer, failure, detail, exception);
    }

    private async Task<SslStream> AuthenticateAsync(
        Stream plain, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var stream = new SslStream(plain, leaveInnerStreamOpen: false);
        try
        {
            var options = new SslClientAuthenticationOptions
            {
                TargetHost = TlsName(request),
                ApplicationProtocols = Protocols(request),
                CertificateChainPolicy = trust?.Clone(),
            };
            await stream.AuthenticateAsClientAsync(options, cancellationToken).ConfigureAwait(false);
            return stream;
        }
        catch
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static EndpointConnectException Failed(
        string peer, ConnectFailure failure, string what, Exception exception) => new($"{peer}: {what}", failure, exception);

    /// <summary>The name that is checked and sent as SNI: the <c>Host</c> header when one is set, as the platform does.</summary>
    private static string TlsName(HttpRequestMessage request)
    {
        if (request.Headers.Host is not { Length: > 0 } header)
        {
            return request.RequestUri!.IdnHost;
        }

        var port = header.LastIndexOf(':');
        return port < 0 || header.EndsWith(']') ? header.Trim('[', ']') : header[..port].Trim('[', ']');
    }

    /// <summary>What the handler would offer for a request of this version and policy.</summary>
    private static List<SslApplicationProtocol> Protocols(HttpRequestMessage request)
    {
        if (request.Version.Major >= 2)
        {
            return request.VersionPolicy == HttpVersionPolicy.RequestVersionOrLower ? Both : Http2;
        }

        return request.VersionPolicy == HttpVersionPolicy.RequestVersionOrHigher ? Both : Http1;
    }

    private static ConnectFailure Classify(Exception exception) => exception switch
    {
        SocketException { SocketErrorCode: SocketError.ConnectionRefused } => ConnectFailure.Refused,
        SocketException
        {
            SocketErrorCode: SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData
                or SocketError.NoRecovery
        } => ConnectFailure.Resolve,
        SocketException
        {
            SocketErrorCode: SocketError.HostUnreachable or SocketError.NetworkUnreachable or SocketError.HostDown
                or SocketError.NetworkDown or SocketError.AddressNotAvailable
        } => ConnectFailure.Unreachable,
        SocketException { SocketErrorCode: SocketError.TimedOut } => ConnectFailure.Timeout,
        _ => ConnectFailure.Other,
    };
}
