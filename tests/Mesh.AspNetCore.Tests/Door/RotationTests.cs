using System.Net.Security;
using System.Security.Authentication;
using Mesh.AspNetCore.Tests.Support;
using Mesh.Policy;
using Mesh.Testing;

namespace Mesh.AspNetCore.Tests.Door;

/// <summary>Certificates come and go; every connection is judged by what is in force when it is made.</summary>
public sealed class RotationTests
{
    [Fact]
    public async Task NewCertificate_IsShownToNewConnections_OldOnesStay()
    {
        await using var app = await DoorApp.StartAsync(InboundTls.Strict);
        var shown = new List<string>();
        using var leaf = app.Authority.Issue("web");
        HttpClient Client() => app.Caller(leaf, configure: ssl => ssl.RemoteCertificateValidationCallback = (_, certificate, _, _) =>
        {
            shown.Add(certificate!.GetCertHashString());
            return true;
        });
        var old = Client();
        await old.GetStringAsync("/");

        app.Identify(app.Authority);
        await old.GetStringAsync("/");
        await Client().GetStringAsync("/");

        Assert.Equal(2, shown.Count);
        Assert.NotEqual(shown[0], shown[1]);
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task ClientThatResumes_IsJudgedEveryTime(SslProtocols protocol)
    {
        await using var app = await DoorApp.StartAsync(InboundTls.Strict);
        using var later = new TestAuthority();

        // As Consul's leaves are while its root changes. A resumed session would bring the leaf alone.
        using var intermediate = app.Authority.CreateIntermediate();
        using var leaf = intermediate.Issue("web");
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = "orders",
            EnabledSslProtocols = protocol,
            AllowTlsResume = true,
            RemoteCertificateValidationCallback = (_, _, _, _) => true,
            ClientCertificateContext = SslStreamCertificateContext.Create(leaf.Leaf, leaf.Intermediates, offline: true),
        };
        for (var i = 0; i < 3; i++)
        {
            Assert.Contains("web", await app.AskOnceAsync(options), StringComparison.Ordinal);
        }

        // The root that vouched for the caller is gone; nothing it kept from before opens the door.
        app.Identity.Set(Identities.Of(app.Authority.Issue("orders"), app.Authority));
        Assert.Contains("web", await app.AskOnceAsync(options), StringComparison.Ordinal);
        app.Identity.Set(Identities.Of(later, "orders"));

        Assert.DoesNotContain("web", await app.AskOnceAsync(options), StringComparison.Ordinal);
        Assert.Contains(
            app.Log.Lines, l => l.Id.Id == 7040 && l.Text.Contains("peer_untrusted", StringComparison.Ordinal));
    }

    [Fact]
    public async Task RootThatIsGone_EndsTheConnectionsItVouchedFor_AndNoOthers()
    {
        await using var app = await DoorApp.StartAsync(InboundTls.Strict);
        using var later = new TestAuthority();
        app.Identify(app.Authority, later);
        var (before, after) = (app.Member(), app.Caller(later.Issue("web")));
        await before.GetStringAsync("/");
        app.Identify(later, app.Authority);
        await after.GetStringAsync("/");
        Assert.Equal(2, app.Connections.Where(_ => true).Count);
        Assert.Equal(0, app.Log.Count(7045)); // Both roots are trusted: nothing to do.

        app.Identify(later);

        Assert.Equal(1, app.Log.Count(7045));
        await Assert.ThrowsAsync<HttpRequestException>(() => app.Member().GetStringAsync("/"));
        Assert.Equal("https HTTP/1.1 web", await app.Caller(later.Issue("web")).GetStringAsync("/"));
    }
}
