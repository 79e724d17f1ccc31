using System.Text;
using Mesh.AspNetCore.Door;
using Mesh.AspNetCore.Tests.Authorization;
using Mesh.AspNetCore.Tests.Support;
using Mesh.Client;
using Mesh.Client.Security;
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

    [Theory]
    [InlineData("\u001b[2Jx")]
    [InlineData("orders <script>")]
    public async Task NameThatACallerGivesItself_SteersNoTerminal_AndIsNobodysInTheLedger(string name)
    {
        await using var app = await DoorApp.StartAsync(
            build: b => b.WebHost.ConfigureKestrel(k => k.ConfigureEndpointDefaults(e => e.Protocols = HttpProtocols.Http2)));
        app.Rules(AuthorizationAction.Deny, Guard.Allow("nothing").Path(StringMatchKind.Exact, "/nothing"));
        await using var connection = await RawConnection.OpenAsync(app.Port);
        await connection.BeginHttp2Async();

        // Kestrel itself refuses a line feed there, and nothing else.
        byte[] header = [0, (byte)MeshHeaders.Caller.Length, .. Encoding.ASCII.GetBytes(MeshHeaders.Caller), (byte)name.Length];
        await connection.SendFrameAsync(
            type: 1, flags: 5, stream: 1,
            [0x82, 0x86, 0x41, 1, (byte)'a', 0x84, .. header, .. Encoding.ASCII.GetBytes(name)]);
        await connection.ReadUntilAsync(type: 1);

        var line = Assert.Single(app.Log.Lines, l => l.Id.Id == 7200).Text;
        Assert.Contains(name[^3..], line, StringComparison.Ordinal);
        Assert.DoesNotContain(line, char.IsControl);
        Assert.Equal(DoorLedger.Others, Assert.Single(app.Ledger.PlaintextCallers()).Caller);
    }
}
