using Mesh.AspNetCore.Tests.Support;
using Mesh.Policy;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.AspNetCore.Tests.Authorization;

/// <summary>Paths of HTTP/2, written frame by frame: they come by another way through Kestrel.</summary>
public sealed class Http2PathTrickTests
{
    /// <summary>":status: 200" in HPACK's own table.</summary>
    private const byte Ok = 0x88;

    [Theory]
    [InlineData("/public", true)]
    [InlineData("/public/a", true)]
    [InlineData("/admin", false)]
    [InlineData("/ADMIN/", false)]
    [InlineData("/%61dmin", false)]
    [InlineData("/public/%2e%2e/admin", false)]
    [InlineData("/public/../admin", false)]
    [InlineData("/public/..%2fadmin", false)]
    [InlineData("/public/%252e%252e/admin", false)]
    [InlineData("/public/..%c0%afadmin", false)]
    [InlineData("//admin", false)]
    [InlineData("/admin;x", false)]
    [InlineData("/admin.", false)]
    [InlineData("/public\\..\\admin", false)]
    [InlineData("/admin%00", false)]
    public async Task Target_WithADenialAndAnAllowance_GetsPastNeither(string target, bool served)
    {
        await using var app = await DoorApp.StartAsync(
            build: b => b.WebHost.ConfigureKestrel(k => k.ConfigureEndpointDefaults(e => e.Protocols = HttpProtocols.Http2)),
            use: a => a.Run(context => context.Response.WriteAsync("served")));

        app.Rules(AuthorizationAction.Allow, Guard.Deny("no-admin").Path(StringMatchKind.Prefix, "/admin"));
        Assert.Equal(served, await IsServedAsync(app, target));

        app.Rules(AuthorizationAction.Deny, Guard.Allow("public-only").Path(StringMatchKind.Prefix, "/public"));
        Assert.Equal(served, await IsServedAsync(app, target));
    }

    private static async Task<bool> IsServedAsync(DoorApp app, string target)
    {
        await using var connection = await RawConnection.OpenAsync(app.Port);
        await connection.BeginHttp2Async();
        await connection.GetHttp2Async(target, stream: 1);
        while (await connection.ReadFrameAsync() is { } frame)
        {
            // Headers of the answer, or the end of the stream: Kestrel resets what it cannot read.
            if (frame.Type is 1 or 3)
            {
                return frame.Type == 1 && frame.Payload[0] == Ok;
            }
        }

        return false;
    }
}
