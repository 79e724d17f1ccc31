using System.Net;
using System.Net.Security;
using Mesh.LoadBench.Roles;

namespace Mesh.LoadBench.Mtls.Roles;

/// <summary>The calling process of one row: a plain HttpClient.</summary>
internal static class MtlsClientRole
{
    public static async Task RunAsync(MtlsClientSetup setup)
    {
        using var client = CreatePlain(setup);
        await ClientRole.ServeAsync(client, [new Uri(setup.Url)], setup.ServerId, setup.ProxyIds);
    }

    private static HttpClient CreatePlain(MtlsClientSetup setup)
    {
        var sockets = new SocketsHttpHandler { UseCookies = false, UseProxy = false, AllowAutoRedirect = false };
        if (setup.Certificates is { } folder)
        {
            var certificates = BenchCertificates.At(folder);
            sockets.SslOptions = new SslClientAuthenticationOptions
            {
                ClientCertificateContext = SslStreamCertificateContext.Create(
                    certificates.Load(certificates.Client), null, offline: true),
                CertificateChainPolicy = certificates.Trust(),
            };
        }

        return new HttpClient(sockets)
        {
            DefaultRequestVersion = setup.UsesHttp2 ? HttpVersion.Version20 : HttpVersion.Version11,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
    }
}
