using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Mesh.AspNetCore.Door;
using Mesh.Client;
using Mesh.Client.Policies;
using Mesh.Client.Security;
using Mesh.Policy;
using Mesh.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mesh.AspNetCore.Tests.Support;

/// <summary>
/// An application behind the door, as service <c>orders</c> with a certificate of a test's authority and without
/// Consul. By default it answers every request with its scheme, protocol and caller.
/// </summary>
internal sealed class DoorApp : IAsyncDisposable
{
    private readonly List<IDisposable> _made = [];

    private DoorApp(WebApplication app, TestAuthority authority, CurrentIdentity identity, LogSink log) =>
        (App, Authority, Identity, Log) = (app, authority, identity, log);

    public WebApplication App { get; }

    public TestAuthority Authority { get; }

    public CurrentIdentity Identity { get; }

    public LogSink Log { get; }

    public OwnPolicy Policy => App.Services.GetRequiredService<OwnPolicy>();

    public DoorLedger Ledger => App.Services.GetRequiredService<DoorLedger>();

    public DoorConnections Connections => App.Services.GetRequiredService<DoorConnections>();

    public IReadOnlyList<Uri> Urls =>
        [.. App.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Select(a => new Uri(a))];

    public int Port => Urls[0].Port;

    public static async Task<DoorApp> StartAsync(
        InboundTls mode = InboundTls.Permissive,
        Action<WebApplicationBuilder>? build = null,
        Action<WebApplication>? use = null,
        bool identified = true,
        string? urls = "http://127.0.0.1:0",
        TimeProvider? time = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        if (urls is not null)
        {
            builder.WebHost.UseUrls(urls);
        }

        var (log, authority, identity) = (new LogSink(), new TestAuthority(), new CurrentIdentity());
        builder.Logging.ClearProviders().AddProvider(log);
        builder.Services.AddSingleton<IMeshIdentity>(identity);
        if (time is not null)
        {
            builder.Services.AddSingleton(time);
        }

        builder.Services.AddMesh(o =>
        {
            o.Service = "orders";
            o.Discovery.UseConsul = false;
            o.Snapshot.Enabled = false;
        }).AddServer(o => o.DrainDelay = TimeSpan.Zero);
        build?.Invoke(builder);
        var app = new DoorApp(builder.Build(), authority, identity, log);
        app.Demand(mode);
        if (identified)
        {
            app.Identify(authority);
        }

        (use ?? (a => a.Run(WhoAsync)))(app.App);
        await app.App.StartAsync();
        return app;
    }

    /// <summary>Scheme, protocol and the caller's service, or <c>nobody</c>.</summary>
    public static Task WhoAsync(HttpContext context) => context.Response.WriteAsync(
        $"{context.Request.Scheme} {context.Request.Protocol} " +
        (context.Features.Get<IMeshPeerFeature>() is { } peer ? peer.Service ?? peer.Id.ToString() : "nobody"));

    public void Demand(InboundTls mode) => Policy.Demand(mode);

    /// <summary>Gives the process a new certificate.</summary>
    public void Identify(TestAuthority authority, params TestAuthority[] alsoTrusted)
    {
        var certificate = authority.Issue("orders");
        _made.Add(certificate);
        Identity.Set(Identities.Of(certificate, [authority, .. alsoTrusted]));
    }

    /// <summary>Trusts another trust domain beside its own.</summary>
    public void TrustAlso(TestAuthority other)
    {
        var certificate = Authority.Issue("orders");
        _made.Add(certificate);
        Identity.Set(MeshIdentity.Create(
            certificate.Leaf, certificate.Intermediates, new Dictionary<string, X509Certificate2Collection>
            {
                [Authority.TrustDomain] = Authority.Roots(),
                [other.TrustDomain] = other.Roots(),
            }));
    }

    /// <summary>
    /// A client that shows a certificate, or none; it asks for <c>http</c> or <c>https</c> at the same port.
    /// </summary>
    public HttpClient Caller(
        TestCertificate? certificate = null, Version? version = null, int? port = null, bool tls = true,
        Action<SslClientAuthenticationOptions>? configure = null)
    {
        var ssl = Shows(certificate);
        configure?.Invoke(ssl);
        var handler = new SocketsHttpHandler { SslOptions = ssl, UseProxy = false, AllowAutoRedirect = false, UseCookies = false };
        var client = new HttpClient(handler)
        {
            BaseAddress = new UriBuilder(tls ? "https" : "http", "127.0.0.1", port ?? Port).Uri,
            DefaultRequestVersion = version ?? HttpVersion.Version11,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Timeout = TimeSpan.FromSeconds(30),
        };
        _made.Add(client);
        return client;
    }

    public HttpClient Plain(Version? version = null, int? port = null) => Caller(null, version, port, tls: false);

    /// <summary>A member's client.</summary>
    public HttpClient Member(string service = "web", Version? version = null, int? port = null)
    {
        var certificate = Authority.Issue(service);
        _made.Add(certificate);
        return Caller(certificate, version, port);
    }

    /// <summary>One request on one connection, whatever becomes of it; empty when it was not let in.</summary>
    public async Task<string> AskOnceAsync(
        SslClientAuthenticationOptions options,
        string request = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync("127.0.0.1", Port);
        await using var stream = new SslStream(new NetworkStream(socket));
        try
        {
            await stream.AuthenticateAsClientAsync(options);
            await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes(request));
            using var reader = new StreamReader(stream);
            return await reader.ReadToEndAsync();
        }
        catch (Exception error) when (error is IOException or AuthenticationException)
        {
            return "";
        }
    }

    /// <summary>What a caller with this certificate, or without one, says in its handshake.</summary>
    public static SslClientAuthenticationOptions Shows(TestCertificate? certificate) => new()
    {
        TargetHost = "orders",
        RemoteCertificateValidationCallback = static (_, _, _, _) => true,
        ClientCertificateContext = certificate is null
            ? null
            : SslStreamCertificateContext.Create(certificate.Leaf, certificate.Intermediates, offline: true),
    };

    public async ValueTask DisposeAsync()
    {
        foreach (var made in _made)
        {
            made.Dispose();
        }

        await App.DisposeAsync();
        Authority.Dispose();
    }
}
