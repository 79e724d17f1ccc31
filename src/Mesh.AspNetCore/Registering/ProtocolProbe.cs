using System.Net.Security;
using System.Net.Sockets;
using Mesh.Client.Discovery;

namespace Mesh.AspNetCore.Registering;

/// <summary>
/// Asks a listener of this process which protocols it offers. Kestrel keeps that to itself when a listener was set up
/// in code, and what it says differs from what it does: without TLS, "HTTP/1 and 2" means HTTP/1 only.
/// </summary>
internal static class ProtocolProbe
{
    private const int FrameHeader = 9;
    private const int FrameTypeAt = 3;
    private const byte SettingsFrame = 4;

    /// <summary>The client's preface of HTTP/2 (RFC 9113, 3.4) with an empty SETTINGS frame.</summary>
    private static readonly byte[] Preface =
        [.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, 0, 0, 0, SettingsFrame, 0, 0, 0, 0, 0];

    /// <summary>A value of <c>mesh-protocols</c>. A listener that does not answer in time counts as HTTP/1.</summary>
    public static async Task<string> FindAsync(
        Listener listener, TimeProvider time, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(2), time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            if (!listener.IsHttps)
            {
                return EndpointTlsWords.Protocols(
                    http1: false, await SpeaksHttp2Async(listener, both.Token).ConfigureAwait(false));
            }

            var token = both.Token;
            var http1 = await NegotiatesAsync(listener, SslApplicationProtocol.Http11, token).ConfigureAwait(false);
            var http2 = await NegotiatesAsync(listener, SslApplicationProtocol.Http2, token).ConfigureAwait(false);
            return EndpointTlsWords.Protocols(http1, http2);
        }
        catch (Exception error) when (
            error is SocketException or IOException ||
            (error is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return EndpointTlsWords.Protocols(http1: true, http2: false);
        }
    }

    private static async Task<bool> SpeaksHttp2Async(Listener listener, CancellationToken cancellationToken)
    {
        using var client = new TcpClient(listener.Local.AddressFamily);
        await client.ConnectAsync(listener.Local, cancellationToken).ConfigureAwait(false);
        var stream = client.GetStream();
        await stream.WriteAsync(Preface, cancellationToken).ConfigureAwait(false);
        var header = new byte[FrameHeader];
        var read = await stream.ReadAtLeastAsync(header, FrameHeader, throwOnEndOfStream: false, cancellationToken)
            .ConfigureAwait(false);

        // The type alone would also match an HTTP/1 status line with that byte; lengths of SETTINGS are small.
        return read == FrameHeader && header[0] == 0 && header[FrameTypeAt] == SettingsFrame;
    }

    private static async Task<bool> NegotiatesAsync(
        Listener listener, SslApplicationProtocol protocol, CancellationToken cancellationToken)
    {
        using var client = new TcpClient(listener.Local.AddressFamily);
        await client.ConnectAsync(listener.Local, cancellationToken).ConfigureAwait(false);
        var stream = new SslStream(client.GetStream());
        await using (stream.ConfigureAwait(false))
        {
            var options = new SslClientAuthenticationOptions
            {
                TargetHost = listener.Host,
                ApplicationProtocols = [protocol],

                // This process asks itself over loopback and sends nothing: the certificate does not matter.
                RemoteCertificateValidationCallback = static (_, _, _, _) => true,
            };
            try
            {
                await stream.AuthenticateAsClientAsync(options, cancellationToken).ConfigureAwait(false);
                return stream.NegotiatedApplicationProtocol == protocol;
            }
            catch (System.Security.Authentication.AuthenticationException)
            {
                // What a server without a common protocol does.
                return false;
            }
        }
    }
}
