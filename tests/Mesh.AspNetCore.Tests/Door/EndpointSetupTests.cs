using System.Net;
using System.Net.Sockets;
using Mesh.AspNetCore.Door;
using Mesh.AspNetCore.Tests.Support;
using Mesh.Policy;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.AspNetCore.Tests.Door;

/// <summary>The door stands before every endpoint, however it is set up, and changes nothing else about it.</summary>
public sealed class EndpointSetupTests
{
    [Theory]
    [InlineData("urls")]
    [InlineData("configuration")]
    [InlineData("code")]
    [InlineData("code before defaults")]
    [InlineData("localhost")]
    [InlineData("any")]
    public async Task Endpoint_HasTheDoor_AndTheApplicationsDefaults(string how)
    {
        var seen = 0;
        var port = Ports.Free(1)[0];
        await using var app = await DoorApp.StartAsync(
            urls: how == "urls" ? $"http://127.0.0.1:{port}" : null,
            build: b =>
            {
                if (how == "configuration")
                {
                    b.Configuration.AddInMemoryCollection(
                        new Dictionary<string, string?> { ["Kestrel:Endpoints:Main:Url"] = $"http://127.0.0.1:{port}" });
                    b.WebHost.ConfigureKestrel((c, k) => k.Configure(c.Configuration.GetSection("Kestrel")));
                }

                b.WebHost.ConfigureKestrel(k => SetUp(k, how, port, () => seen++));
            });

        Assert.Equal("https HTTP/2 web", await app.Member("web", HttpVersion.Version20, port).GetStringAsync("/"));
        Assert.Equal("http HTTP/1.1 nobody", await app.Plain(port: port).GetStringAsync("/"));
        Assert.Equal(how == "code before defaults" ? 0 : 2, seen);
        var url = Assert.Single(app.Urls);
        Assert.Equal(("http", port), (url.Scheme, url.Port));
    }

    [Fact]
    public async Task OwnHttps_IsLeftAlone_HoweverItIsSaid()
    {
        using var own = OwnCertificate.Create();
        var ports = Ports.Free(3);
        await using var app = await DoorApp.StartAsync(InboundTls.Strict, urls: null, build: b =>
        {
            b.Configuration.AddInMemoryCollection(
                new Dictionary<string, string?> { ["Kestrel:Endpoints:Own:Url"] = $"https://127.0.0.1:{ports[0]}" });
            b.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel((c, k) =>
            {
                k.Configure(c.Configuration.GetSection("Kestrel"));
                k.ConfigureHttpsDefaults(h => h.ServerCertificate = own);
                k.ListenLocalhost(ports[1], l => l.UseHttps());
                k.Listen(IPAddress.Loopback, ports[2]);
            });
        });

        foreach (var port in ports[..2])
        {
            string? shown = null;
            var client = app.Caller(port: port, version: HttpVersion.Version20, configure: ssl =>
                ssl.RemoteCertificateValidationCallback = (_, certificate, _, _) =>
                {
                    shown = certificate!.GetCertHashString();
                    return true;
                });
            Assert.Equal("https HTTP/2 nobody", await client.GetStringAsync("/"));
            Assert.Equal(own.Thumbprint, shown);
        }

        Assert.Equal("https HTTP/1.1 web", await app.Member(port: ports[2]).GetStringAsync("/"));
    }

    [Fact]
    public async Task HttpsByEndpointDefaults_IsTheApplicationsOwn()
    {
        using var own = OwnCertificate.Create();
        await using var app = await DoorApp.StartAsync(InboundTls.Strict, build: b => b.WebHost
            .UseKestrelHttpsConfiguration().ConfigureKestrel(k => k.ConfigureEndpointDefaults(e => e.UseHttps(own))));

        Assert.Equal("https", app.Urls.Single().Scheme);
        Assert.Equal("https HTTP/1.1 nobody", await app.Caller().GetStringAsync("/"));
    }

    [Fact]
    public async Task PlainPorts_AreLeftAlone_UnderStrict()
    {
        var ports = Ports.Free(2);
        await using var app = await DoorApp.StartAsync(
            InboundTls.Strict, urls: $"http://127.0.0.1:{ports[0]};http://127.0.0.1:{ports[1]}",
            build: b => b.Services.Configure<MeshServerOptions>(o => o.PlainPorts.Add(ports[1])));

        Assert.Equal("https HTTP/1.1 web", await app.Member(port: ports[0]).GetStringAsync("/"));
        using var refused = await app.Plain(port: ports[0]).GetAsync("/");
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Equal("http HTTP/1.1 nobody", await app.Plain(port: ports[1]).GetStringAsync("/"));
        await Assert.ThrowsAsync<HttpRequestException>(() => app.Member(port: ports[1]).GetStringAsync("/"));
    }

    [Fact]
    public async Task UnixSocket_IsLeftAlone_UnderStrict()
    {
        var path = Path.Combine(Path.GetTempPath(), $"door-{Guid.NewGuid():N}.sock");
        await using var app = await DoorApp.StartAsync(
            InboundTls.Strict, urls: null, build: b => b.WebHost.ConfigureKestrel(k => k.ListenUnixSocket(path)));
        using var client = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, ct) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), ct);
                return new NetworkStream(socket, ownsSocket: true);
            },
        });

        Assert.Equal("http HTTP/1.1 nobody", await client.GetStringAsync(new Uri("http://localhost/")));
    }

    [Fact]
    public async Task ReloadedEndpoint_HasTheDoor()
    {
        var ports = Ports.Free(2);
        var source = new Dictionary<string, string?> { ["Kestrel:Endpoints:Main:Url"] = $"http://127.0.0.1:{ports[0]}" };
        await using var app = await DoorApp.StartAsync(urls: null, build: b =>
        {
            b.Configuration.AddInMemoryCollection(source);
            b.WebHost.ConfigureKestrel(
                (c, k) => k.Configure(c.Configuration.GetSection("Kestrel"), reloadOnChange: true));
        });
        Assert.Equal("https HTTP/1.1 web", await app.Member(port: ports[0]).GetStringAsync("/"));

        var configuration = (IConfigurationRoot)app.App.Services.GetRequiredService<IConfiguration>();
        configuration["Kestrel:Endpoints:Main:Url"] = $"http://127.0.0.1:{ports[1]}";
        configuration.Reload();

        var member = app.Member(port: ports[1]);
        await Eventually.TrueAsync(
            async () =>
            {
                try
                {
                    return await member.GetStringAsync("/") == "https HTTP/1.1 web";
                }
                catch (HttpRequestException)
                {
                    return false; // Not bound yet.
                }
            },
            "the new endpoint", app.Log.Text);
    }

    [Fact]
    public void KestrelInternals_AreWhereTheyWere()
    {
        var options = new KestrelServerOptions();
        Action<ListenOptions> own = e => e.Protocols = HttpProtocols.Http2;
        options.ConfigureEndpointDefaults(own);
        options.Listen(IPAddress.Loopback, 1);

        var kestrel = new KestrelInternals();
        Assert.Same(own, kestrel.EndpointDefaults(options));
        Assert.False(kestrel.IsTls(Assert.Single(kestrel.CodeBacked(options))));
        Assert.Empty(kestrel.ConfigurationBacked(options));
    }

    private static void SetUp(KestrelServerOptions kestrel, string how, int port, Action seen)
    {
        if (how == "code before defaults")
        {
            kestrel.Listen(IPAddress.Loopback, port);
        }

        kestrel.ConfigureEndpointDefaults(e => e.Use(next => connection =>
        {
            seen();
            return next(connection);
        }));
        switch (how)
        {
            case "code":
                kestrel.Listen(IPAddress.Loopback, port);
                break;
            case "localhost":
                kestrel.ListenLocalhost(port);
                break;
            case "any":
                kestrel.ListenAnyIP(port);
                break;
            default:
                break;
        }
    }
}
