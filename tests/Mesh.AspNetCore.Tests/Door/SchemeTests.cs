using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Mesh.AspNetCore.Tests.Support;
using Mesh.Client;
using Mesh.Policy;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.AspNetCore.Tests.Door;

/// <summary>The scheme of a request is that of its connection, whatever the request says.</summary>
public sealed class SchemeTests
{
    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task MemberThatSaysHttp_IsHttps_ToEverythingBelow(string version)
    {
        await using var app = await DoorApp.StartAsync(
            build: b =>
            {
                b.Services.AddHttpsRedirection(o => o.HttpsPort = 443);
                b.Services.AddHsts(o => o.ExcludedHosts.Clear());
            },
            use: a =>
            {
                a.UseHsts();
                a.UseHttpsRedirection();
                a.MapGet("/", (HttpContext c, LinkGenerator links) =>
                {
                    c.Response.Cookies.Append("c", "1", new CookieOptions { Secure = true });
                    return $"{c.Request.Scheme} {c.Request.IsHttps} {links.GetUriByName(c, "self", values: null)}";
                }).WithName("self");
            });
        using var member = LogicalMember(app, SslApplicationProtocolOf(version));
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://orders/")
        {
            Version = Version.Parse(version),
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };

        using var answer = await member.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("https True https://orders/", await answer.Content.ReadAsStringAsync());
        Assert.Contains("secure", answer.Headers.GetValues("Set-Cookie").Single(), StringComparison.Ordinal);
        Assert.True(answer.Headers.Contains("Strict-Transport-Security"));

        // And whoever comes in plaintext is redirected, as ever.
        using var redirected = await app.Plain().GetAsync("/");
        Assert.Equal(HttpStatusCode.TemporaryRedirect, redirected.StatusCode);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("h2")]
    [InlineData("http/1.1")]
    public async Task WhatIsSpokenInside_Counts_NotWhatWasNegotiated(string? negotiated)
    {
        await using var app = await DoorApp.StartAsync();
        using var member = LogicalMember(app, negotiated is null ? null : new SslApplicationProtocol(negotiated));
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://orders/")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };

        using var answer = await member.SendAsync(request);

        Assert.Equal("https HTTP/2 web", await answer.Content.ReadAsStringAsync());
        Assert.Equal("https HTTP/1.1 web", await member.GetStringAsync(new Uri("http://orders/")));
    }

    [Fact]
    public async Task SpoofedScheme_OverPlaintextHttp2_Is400_UnlessTheApplicationAllowsIt()
    {
        foreach (var allowed in new[] { false, true })
        {
            await using var app = await DoorApp.StartAsync(build: b => b.WebHost.ConfigureKestrel(k =>
            {
                k.AllowAlternateSchemes = allowed;
                k.ConfigureEndpointDefaults(e => e.Protocols = HttpProtocols.Http2);
            }));
            await using var connection = await RawConnection.OpenAsync(app.Port);
            await connection.SendAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
            await connection.SendFrameAsync(4, 0, 0);

            // :method GET, :scheme https, :path /, :authority a
            await connection.SendFrameAsync(1, 5, 1, 0x82, 0x87, 0x84, 0x41, 1, (byte)'a');
            var headers = await connection.ReadUntilAsync(1);

            // The static table's 0x88 is :status 200, 0x8c is 400.
            Assert.Equal(allowed ? 0x88 : 0x8c, headers[0]);
            Assert.Equal(allowed ? 0 : 1, app.Log.Count(7040));
        }
    }

    [Fact]
    public async Task ForwardedHeaders_BesideUs_StillCount()
    {
        await using var app = await DoorApp.StartAsync(
            build: b => b.Services.Configure<ForwardedHeadersOptions>(
                o => o.ForwardedHeaders = ForwardedHeaders.XForwardedProto),
            use: a =>
            {
                a.UseForwardedHeaders();
                a.Run(DoorApp.WhoAsync);
            });
        var plain = app.Plain();
        plain.DefaultRequestHeaders.Add("X-Forwarded-Proto", "https");

        Assert.Equal("https HTTP/1.1 nobody", await plain.GetStringAsync("/"));
    }

    [Fact]
    public async Task IdentityInHeaders_IsNoIdentity_AndDoesNotReachTheApplication()
    {
        string[] seen = [];
        await using var app = await DoorApp.StartAsync(use: a => a.Run(c =>
        {
            seen = [.. c.Request.Headers.Keys];
            return DoorApp.WhoAsync(c);
        }));
        var member = app.Member("web");
        member.DefaultRequestHeaders.Add("X-Forwarded-Client-Cert", $"URI={app.Authority.IdOf("admin")}");
        member.DefaultRequestHeaders.Add(MeshHeaders.Caller, "admin");

        Assert.Equal("https HTTP/1.1 web", await member.GetStringAsync("/"));
        Assert.Equal(["Host"], seen);
        Assert.Equal(1, app.Log.Count(7044));
    }

    private static SslApplicationProtocol SslApplicationProtocolOf(string version) =>
        version == "2.0" ? SslApplicationProtocol.Http2 : SslApplicationProtocol.Http11;

    /// <summary>A member as the mesh's client is one: the name stays http, the connection is TLS.</summary>
    private static HttpClient LogicalMember(DoorApp app, SslApplicationProtocol? offered)
    {
        var certificate = app.Authority.Issue("web");
        return new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            ConnectCallback = async (_, ct) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync("127.0.0.1", app.Port, ct);
                var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
                await stream.AuthenticateAsClientAsync(
                    new SslClientAuthenticationOptions
                    {
                        TargetHost = "orders",
                        ApplicationProtocols = offered is { } one ? [one] : null,
                        RemoteCertificateValidationCallback = (_, _, _, _) => true,
                        ClientCertificateContext = SslStreamCertificateContext.Create(
                            certificate.Leaf, null, offline: true),
                    },
                    ct);
                return stream;
            },
        });
    }
}
