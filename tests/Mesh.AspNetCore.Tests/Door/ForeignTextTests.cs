using Mesh.AspNetCore.Tests.Support;
using Mesh.Client;
using Mesh.Policy;
using Mesh.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.AspNetCore.Tests.Door;

/// <summary>What callers choose the words of stays within one line of the log.</summary>
public sealed class ForeignTextTests
{
    [Fact]
    public async Task IssuerOfACertificateThatIsRefused_BeginsNoLine()
    {
        await using var app = await DoorApp.StartAsync(InboundTls.Strict);
        using var stranger = new TestAuthority(app.Authority.TrustDomain);
        using var leaf = stranger.Issue(new TestCertificateOptions
        {
            Uris = [stranger.IdOf("web")], SelfSigned = true, Subject = "CN=\"x\n7000 all is well \u001b[2J\"",
        });

        Assert.Equal("", await app.AskOnceAsync(DoorApp.Shows(leaf)));

        var line = Assert.Single(app.Log.Lines, l => l.Id.Id == 7040).Text;
        Assert.Contains("all is well", line, StringComparison.Ordinal);
        Assert.DoesNotContain(line, char.IsControl);
    }
}
