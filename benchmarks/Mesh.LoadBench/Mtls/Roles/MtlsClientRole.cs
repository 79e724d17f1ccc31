using System.Net;
using System.Net.Security;
using System.Text.Json;
using Mesh.LoadBench.Roles;

namespace Mesh.LoadBench.Mtls.Roles;

/// <summary>The calling process of one row: a plain HttpClient, or one of the mesh.</summary>
internal static class MtlsClientRole
{
    public static async Task RunAsync(MtlsClientSetup setup)
    {
        using var host = setup.Consul is { } consul ? await MeshCaller.StartAsync(consul) : null;
        using var client = host is null ? CreatePlain(setup) : MeshCaller.CreateClient(host);
        if (host is not null)
        {
            await Console.Out.WriteLineAsync(JsonSerializer.Serialize(
                await MeshCaller.WaitForMtlsAsync(client, new Uri(setup.Url))));
        }

        await ClientRole.ServeAsync(client, [new Uri(setup.Url)], setup.ServerIds, setup.ProxyIds);
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
