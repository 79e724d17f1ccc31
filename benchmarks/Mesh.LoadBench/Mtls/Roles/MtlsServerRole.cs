using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Mesh.LoadBench.Roles;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;

namespace Mesh.LoadBench.Mtls.Roles;

/// <summary>
/// The called process without the mesh: one port each of HTTP/1.1, of HTTP/2, and of both behind mTLS. Lives until its
/// standard input ends.
/// </summary>
internal static class MtlsServerRole
{
    public static async Task RunAsync(string folder)
    {
        var certificates = BenchCertificates.At(folder);
        using var leaf = certificates.Load(certificates.Server);
        var trust = certificates.Trust();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0, static listen => listen.Protocols = HttpProtocols.Http1);
            kestrel.Listen(IPAddress.Loopback, 0, static listen => listen.Protocols = HttpProtocols.Http2);
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(new HttpsConnectionAdapterOptions
            {
                ServerCertificate = leaf,
                ClientCertificateMode = ClientCertificateMode.RequireCertificate,
                ClientCertificateValidation = (client, _, _) => IsTrusted(client, trust),
            }));
        });
        await using var app = builder.Build();
        app.Run(static context =>
        {
            context.Response.ContentType = "application/json";
            context.Response.ContentLength = ServerRole.Body.Length;
            return context.Response.Body.WriteAsync(ServerRole.Body).AsTask();
        });
        await app.StartAsync();
        int[] ports = [.. app.Urls.Select(static url => new Uri(url).Port)];
        await Console.Out.WriteLineAsync(JsonSerializer.Serialize(
            new MtlsServerPorts(Environment.ProcessId, ports[0], ports[1], ports[2])));
        await Console.In.ReadToEndAsync();
        await app.StopAsync();
    }

    private static bool IsTrusted(X509Certificate2 client, X509ChainPolicy trust)
    {
        using var chain = new X509Chain { ChainPolicy = trust.Clone() };
        return chain.Build(client);
    }
}
