using System.Diagnostics.Metrics;
using System.Net;
using Mesh.AspNetCore.Tests.Support;
using Mesh.Client;
using Mesh.Client.Security;
using Mesh.Policy;
using Mesh.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.AspNetCore.Tests.Door;

/// <summary>Who is let in under each mode, and what those hear who are not.</summary>
public sealed class StrictTests
{
    public static TheoryData<string, string> BadCertificates { get; } = new()
    {
        { "none", MeshReasons.PeerNoCertificate },
        { "self-signed", MeshReasons.PeerUntrusted },
        { "expired", MeshReasons.PeerExpired },
        { "not yet valid", MeshReasons.PeerNotYetValid },
        { "other trust domain", MeshReasons.PeerUnknownTrustDomain },
        { "two IDs", MeshReasons.PeerManyIds },
        { "no ID", MeshReasons.PeerNoId },
        { "forged", MeshReasons.PeerUntrusted },
    };

    [Theory]
    [MemberData(nameof(BadCertificates))]
    public async Task BadCertificate_IsRefusedWithItsOwnReason_InEveryModeThatSpeaksTls(string flaw, string reason)
    {
        await using var app = await DoorApp.StartAsync(InboundTls.Strict);
        using var counted = new Counted(app.App.Services.GetRequiredService<IMeterFactory>());
        using var other = new TestAuthority("other.test");
        using var certificate = Flawed(flaw, app.Authority, other);
        var shown = DoorApp.Shows(certificate);

        Assert.Equal("", await app.AskOnceAsync(shown));
        Assert.Equal(1, counted.Of(MeshTelemetry.DoorRefusals, reason));
        Assert.Contains(reason, Assert.Single(app.Log.Lines, l => l.Id.Id == 7040).Text, StringComparison.Ordinal);

        // Permissive lets in who shows nothing, not who shows something wrong.
        app.Demand(InboundTls.Permissive);
        if (flaw == "none")
        {
            Assert.Contains("https HTTP/1.1 nobody", await app.AskOnceAsync(shown), StringComparison.Ordinal);
            return;
        }

        Assert.Equal("", await app.AskOnceAsync(shown));
        Assert.Equal(2, counted.Of(MeshTelemetry.DoorRefusals, reason));
        Assert.Equal(0, counted.Of(MeshTelemetry.DoorRefusals, MeshReasons.Handshake));
    }

    [Theory]
    [InlineData("1.1", HttpProtocols.Http1AndHttp2)]
    [InlineData("2.0", HttpProtocols.Http2)]
    public async Task Plaintext_IsToldWhy_AndItsConnectionEnds(string version, HttpProtocols protocols)
    {
        var reached = 0;
        await using var app = await DoorApp.StartAsync(
            InboundTls.Strict,
            b => b.WebHost.ConfigureKestrel(k => k.ConfigureEndpointDefaults(e => e.Protocols = protocols)),
            a => a.Run(c =>
            {
                reached++;
                return DoorApp.WhoAsync(c);
            }));
        using var counted = new Counted(app.App.Services.GetRequiredService<IMeterFactory>());
        var plain = app.Plain(Version.Parse(version));
        plain.DefaultRequestHeaders.Add(MeshHeaders.Caller, "web");

        for (var i = 0; i < 3; i++)
        {
            using var answer = await plain.GetAsync("/");
            Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
            Assert.Equal(MeshReasons.Plaintext, answer.Headers.GetValues(MeshHeaders.Reason).Single());
            Assert.Contains("TLS of the mesh", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        Assert.Equal(0, reached);
        Assert.Equal(3, counted.Of(MeshTelemetry.DoorRefusals, MeshReasons.Plaintext));
        Assert.Equal(1, app.Log.Count(7040)); // Not one line for each.
        Assert.Empty(app.Ledger.PlaintextCallers()); // It would not break: it is broken.
        await Eventually.TrueAsync(() => app.Connections.Where(_ => true).Count == 0, "the end of its connections");
    }

    [Fact]
    public async Task TurningStrict_ReachesOpenConnections()
    {
        var (began, end) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var app = await DoorApp.StartAsync(use: a => a.Run(async c =>
        {
            if (c.Request.Path == "/slow")
            {
                began.SetResult();
                await end.Task;
            }

            await DoorApp.WhoAsync(c);
        }));
        var (idle, busy, member) = (app.Plain(), app.Plain(), app.Member());
        await idle.GetStringAsync("/");
        await member.GetStringAsync("/");
        var running = busy.GetStringAsync("/slow");
        await began.Task;
        Assert.Equal(3, app.Connections.Where(_ => true).Count);

        app.Demand(InboundTls.Strict);

        // The idle one goes at once, the busy one when it has its answer; the member notices nothing.
        await Eventually.TrueAsync(() => app.Connections.Where(c => c.Peer is null).Count == 1, "the idle one's end");
        end.SetResult();
        Assert.Equal("http HTTP/1.1 nobody", await running);
        await Eventually.TrueAsync(() => app.Connections.Where(c => c.Peer is null).Count == 0, "the busy one's end");
        Assert.Equal("https HTTP/1.1 web", await member.GetStringAsync("/"));
        Assert.Single(app.Connections.Where(_ => true));
        using var refused = await idle.GetAsync("/");
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);

        app.Demand(InboundTls.Permissive);
        Assert.Equal("http HTTP/1.1 nobody", await idle.GetStringAsync("/"));
        Assert.Equal(2, app.Log.Count(7043));
    }

    [Fact]
    public async Task Permissive_CountsWhoWouldBreak_ByTheNameTheyGiveOrTheirAddress()
    {
        await using var app = await DoorApp.StartAsync();
        using var counted = new Counted(app.App.Services.GetRequiredService<IMeterFactory>());
        var (named, unnamed) = (app.Plain(), app.Plain());
        named.DefaultRequestHeaders.Add(MeshHeaders.Caller, "legacy");
        await named.GetStringAsync("/");
        await named.GetStringAsync("/");
        await unnamed.GetStringAsync("/");
        await app.Caller().GetStringAsync("/"); // TLS, but nobody.
        await app.Member().GetStringAsync("/");

        Assert.Equal(
            [("127.0.0.1", 2L), ("legacy", 2L)],
            app.Ledger.PlaintextCallers().Select(c => (c.Caller, c.Count)).Order());
        Assert.Equal(3, counted.Of(MeshTelemetry.DoorUnidentified, "plaintext"));
        Assert.Equal(1, counted.Of(MeshTelemetry.DoorUnidentified, "tls"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task PolicyFolder_IsInForceBeforeTheDoorOpens(bool consulIsAway)
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(Path.Combine(folder.Path, "security"));
        await File.WriteAllTextAsync(
            Path.Combine(folder.Path, "security", "global.json"),
            """{ "schema": 1, "accept": ["global-tls"], "inbound": { "tls": "strict" } }""");
        await using var app = await DoorApp.StartAsync(build: b => b.Services.Configure<MeshOptions>(o =>
        {
            o.PolicyFolder = folder.Path;
            if (consulIsAway)
            {
                o.Discovery.UseConsul = true;
                o.Consul.Address = $"http://127.0.0.1:{Ports.Free(1)[0]}";
            }
        }));

        using var refused = await app.Plain().GetAsync("/");

        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
    }

    [Fact]
    public async Task StrictWithoutACertificate_LetsInNobody()
    {
        await using var app = await DoorApp.StartAsync(InboundTls.Strict, identified: false);

        using var refused = await app.Plain().GetAsync("/");
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        await Assert.ThrowsAsync<HttpRequestException>(() => app.Member().GetStringAsync("/"));

        app.Identify(app.Authority);
        Assert.Equal("https HTTP/1.1 web", await app.Member().GetStringAsync("/"));
    }

    [Fact]
    public async Task PermissiveWithoutACertificate_IsWhatItWasWithoutTheMesh()
    {
        await using var app = await DoorApp.StartAsync(identified: false);

        Assert.Equal("http HTTP/1.1 nobody", await app.Plain().GetStringAsync("/"));
        await Assert.ThrowsAsync<HttpRequestException>(() => app.Member().GetStringAsync("/"));
        Assert.Empty(app.Ledger.PlaintextCallers());
    }

    private static TestCertificate? Flawed(string flaw, TestAuthority good, TestAuthority other)
    {
        var now = DateTimeOffset.UtcNow;
        var options = new TestCertificateOptions { Uris = [good.IdOf("web")] };
        switch (flaw)
        {
            case "none":
                return null;
            case "other trust domain":
                return other.Issue("web");
            case "self-signed":
                options.SelfSigned = true;
                break;
            case "expired":
                options.NotAfter = now.AddMinutes(-1);
                break;
            case "not yet valid":
                options.NotBefore = now.AddHours(1);
                break;
            case "two IDs":
                options.Uris = [good.IdOf("web"), good.IdOf("admin")];
                break;
            case "no ID":
                options.Uris = [];
                break;
            case "forged":
                options.WrongSignature = true;
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(flaw), flaw, null);
        }

        return good.Issue(options);
    }
}
