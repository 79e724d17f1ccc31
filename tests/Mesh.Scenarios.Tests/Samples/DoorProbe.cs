using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using Mesh.Testing;

namespace Mesh.Scenarios.Tests.Samples;

/// <summary>
/// One stranger who knocks: a connection of its own with whatever certificate, or with no TLS at all. Written by hand,
/// since an HttpClient tries again by itself when a connection ends before its answer.
/// </summary>
internal static class DoorProbe
{
    /// <summary>Whoever is behind the certificate was not let in: there was no connection to ask on.</summary>
    public const string NoConnection = "no connection";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <returns>The status, and <c>mesh-reason</c> when the answer has one; <see cref="NoConnection"/> when nobody
    /// answers.</returns>
    public static async Task<string> AskAsync(Uri address, TestCertificate? certificate, SslProtocols? tls)
    {
        using var patience = new CancellationTokenSource(Patience);
        using var socket = new TcpClient();
        await socket.ConnectAsync(address.Host, address.Port, patience.Token);
        await using var stream = tls is { } version
            ? new SslStream(socket.GetStream())
            : (Stream)socket.GetStream();
        try
        {
            if (stream is SslStream secure)
            {
                await secure.AuthenticateAsClientAsync(Show(certificate, tls!.Value), patience.Token);
            }

            await stream.WriteAsync(
                "GET /products/tea HTTP/1.1\r\nHost: inventory\r\nConnection: close\r\n\r\n"u8.ToArray(),
                patience.Token);
            using var reader = new StreamReader(stream, Encoding.ASCII);
            return Describe(await reader.ReadToEndAsync(patience.Token));
        }
        catch (Exception refused) when (refused is IOException or AuthenticationException)
        {
            // Under TLS 1.3 the server judges after the client's part of the handshake: the first read then fails.
            return NoConnection;
        }
    }

    public static SslClientAuthenticationOptions Show(TestCertificate? certificate, SslProtocols version) => new()
    {
        TargetHost = "inventory",
        EnabledSslProtocols = version,
        RemoteCertificateValidationCallback = static (_, _, _, _) => true,
        ClientCertificateContext = certificate is null
            ? null
            : SslStreamCertificateContext.Create(certificate.Leaf, certificate.Intermediates, offline: true),
    };

    private static string Describe(string answer)
    {
        var lines = answer.Split("\r\n");
        if (lines[0].Split(' ') is not [_, var status, ..])
        {
            return NoConnection;
        }

        const string reason = "mesh-reason: ";
        return lines.FirstOrDefault(l => l.StartsWith(reason, StringComparison.OrdinalIgnoreCase)) is { } line
            ? $"{status} {line[reason.Length..]}"
            : status;
    }
}
