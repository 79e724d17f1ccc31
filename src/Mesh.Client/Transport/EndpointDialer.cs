using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Mesh.Client.Transport;

/// <summary>
/// Makes one connection to one endpoint, whatever the request's URI says: the URI stays logical, and names the host in
/// the <c>Host</c> header, in the TLS handshake and in telemetry. Every failure is an <see cref="EndpointConnectException"/>.
/// </summary>
internal sealed class EndpointDialer(
    MeshEndpoint endpoint, Func<ConnectDeadlines> deadlines, X509ChainPolicy? trust, TimeProvider time)
{
    /// <summary>Seconds of silence after which the kernel asks whether an idle peer is still there.</summary>
    private const int KeepAliveSeconds = 30;

    private static readonly List<SslApplicationProtocol> Http1 = [SslApplicationProtocol.Http11];
    private static readonly List<SslApplicationProtocol> Http2 = [SslApplicationProtocol.Http2];
    private static readonly List<SslApplicationProtocol> Both =
        [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11];

    /// <summary>
    /// For <see cref="SocketsHttpHandler.ConnectCallback"/>. A connection outlives the request that asked for it, so
    /// nothing of that request's execution context may stay with it.
    /// </summary>
    public ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        if (ExecutionContext.IsFlowSuppressed())
        {
            return DialAsync(context.InitialRequestMessage, cancellationToken);
        }

        using var flow = ExecutionContext.SuppressFlow();
        return DialAsync(context.InitialRequestMessage, cancellationToken);
    }

    private async ValueTask<Stream> DialAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var limits = deadlines();
        Stream stream = new NetworkStream(
            await OpenAsync(limits.Connect, cancellationToken).ConfigureAwait(false), ownsSocket: true);
        if (request.RequestUri!.Scheme is "http" or "ws")
        {
            return stream;
        }

        // Done here and not by the handler, so that the deadline is that of the policy in force and a failure is known
        // to have sent nothing. The handler takes an authenticated stream as it is, negotiated protocol included.
        return await HandshakeAsync(stream, request, limits.Handshake, cancellationToken).ConfigureAwait(false);
    }

    private async Task<Socket> OpenAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        // Read now, not when the transport was made: an instance may register again at another address.
        var (host, port) = (endpoint.Host, endpoint.Port);
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
            EndPoint target = address is null ? new DnsEndPoint(host, port) : new IPEndPoint(address, port);
            await socket.ConnectAsync(target, either.Token).ConfigureAwait(false);
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
                ? Failed(ConnectFailure.Timeout, $"no connection within {limit.TotalMilliseconds:0} ms", exception)
                : Failed(Classify(exception), exception.Message, exception);
        }
    }

    private async Task<Stream> HandshakeAsync(
        Stream plain, HttpRequestMessage request, TimeSpan limit, CancellationToken cancellationToken)
    {
        var stream = new SslStream(plain, leaveInnerStreamOpen: false);
        using var deadline = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            var options = new SslClientAuthenticationOptions
            {
                TargetHost = TlsName(request),
                ApplicationProtocols = Protocols(request),
                CertificateChainPolicy = trust?.Clone(),
            };
            await stream.AuthenticateAsClientAsync(options, either.Token).ConfigureAwait(false);
            return stream;
        }
        catch (Exception exception)
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            if (cancellationToken.IsCancellationRequested)
            {
                throw;
            }

            throw exception is OperationCanceledException
                ? Failed(ConnectFailure.Timeout, $"no TLS handshake within {limit.TotalMilliseconds:0} ms", exception)
                : Failed(ConnectFailure.Handshake, $"TLS handshake failed: {exception.Message}", exception);
        }
    }

    private EndpointConnectException Failed(ConnectFailure failure, string what, Exception exception) =>
        new($"{endpoint.Host}:{endpoint.Port}: {what}", failure, exception);

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
        AuthenticationException => ConnectFailure.Handshake,
        _ => ConnectFailure.Other,
    };
}
