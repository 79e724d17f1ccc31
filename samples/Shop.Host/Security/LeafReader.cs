using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Shop.Host.Security;

/// <summary>
/// Asks an instance for its certificate as any stranger can: a handshake without a certificate of one's own, and no
/// request.
/// </summary>
internal static class LeafReader
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <returns><see langword="null"/> while it does not listen or speaks no TLS.</returns>
    public static async Task<Leaf?> ReadAsync(int port, CancellationToken stop)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
        patience.CancelAfter(Patience);
        Leaf? leaf = null;
        try
        {
            using var socket = new TcpClient();
            await socket.ConnectAsync(IPAddress.Loopback, port, patience.Token);
            await using var tls = new SslStream(socket.GetStream());
            await tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = "shop",
                    RemoteCertificateValidationCallback = (_, certificate, _, _) =>
                    {
                        leaf = certificate is X509Certificate2 shown ? Describe(shown) : null;
                        return true;
                    },
                },
                patience.Token);
            return leaf;
        }
        catch (Exception e) when (
            e is SocketException or IOException or AuthenticationException or OperationCanceledException &&
            !stop.IsCancellationRequested)
        {
            return leaf;
        }
    }

    private static Leaf Describe(X509Certificate2 certificate)
    {
        var authority = certificate.Extensions.OfType<X509AuthorityKeyIdentifierExtension>().FirstOrDefault();
        return new Leaf(
            certificate.SerialNumber,
            authority?.KeyIdentifier is { } key ? Convert.ToHexString(key.Span) : certificate.Issuer);
    }
}
