using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Mesh.Client.Security;
using Mesh.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Tests.Support;

/// <summary>
/// A service of the mesh as seen from outside: Kestrel over TLS that wants a certificate and takes any.
/// </summary>
internal sealed class MeshMember : IAsyncDisposable
{
    private readonly WebApplication _app;

    private MeshMember(WebApplication app) => _app = app;

    /// <summary>Who it says it is, from the next connection on.</summary>
    public required TestCertificate Certificate { get; set; }

    public List<SslApplicationProtocol>? Protocols { get; set; } =
        [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11];

    /// <summary>
    /// The thumbprint of the leaf that each connection brought, in order: a certificate ends with its connection.
    /// </summary>
    public ConcurrentQueue<string> Callers { get; } = new();

    /// <summary>The name each connection asked for.</summary>
    public ConcurrentQueue<string> Names { get; } = new();

    /// <summary>Protocol, scheme and host of each request.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    public Func<HttpContext, Task> Answer { get; set; } = context => context.Response.WriteAsync("ok");

    public int Port => new Uri(_app.Urls.Single()).Port;

    /// <summary>Connections open now.</summary>
    public int Open;

    public static async Task<MeshMember> StartAsync(TestCertificate certificate)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = "Production" });
        builder.Logging.ClearProviders();
        MeshMember member = null!;
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AllowAlternateSchemes = true;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Listen(IPAddress.Loopback, 0, listen =>
            {
                listen.Protocols = HttpProtocols.Http1AndHttp2;
                listen.Use(next => async connection =>
                {
                    Interlocked.Increment(ref member.Open);
                    try
                    {
                        await next(connection);
                    }
                    finally
                    {
                        Interlocked.Decrement(ref member.Open);
                    }
                });
                listen.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = _ => new(member.Handshake()) });
            });
        });
        var app = builder.Build();
        member = new MeshMember(app) { Certificate = certificate };
        app.UseWebSockets();
        app.Run(context =>
        {
            member.Requests.Enqueue($"{context.Request.Protocol} {context.Request.Scheme} {context.Request.Host}");
            return member.Answer(context);
        });
        await app.StartAsync();
        return member;
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(0);
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    private SslServerAuthenticationOptions Handshake() => new()
    {
        ServerCertificateContext = SslStreamCertificateContext.Create(
            Certificate.Leaf, Certificate.Intermediates, offline: true),
        ApplicationProtocols = Protocols,
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        ClientCertificateRequired = true,
        CertificateChainPolicy = PeerVerifier.Undecided(),
        RemoteCertificateValidationCallback = (stream, certificate, _, _) =>
        {
            Callers.Enqueue(((X509Certificate2)certificate!).Thumbprint);
            Names.Enqueue(((SslStream)stream).TargetHostName);
            return true;
        },
    };
}
