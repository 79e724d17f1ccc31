using Mesh.AspNetCore.Door;
using Mesh.AspNetCore.Inbound;
using Mesh.AspNetCore.Tests.Support;
using Mesh.Client;
using Mesh.Policy;
using Mesh.Testing;
using Microsoft.AspNetCore.Http;

namespace Mesh.AspNetCore.Tests.Inbound;

/// <summary>Whose word about a hop counts.</summary>
public sealed class CallerMembershipTests
{
    [Theory]
    [InlineData(null, "web", InboundTls.Permissive, true)]
    [InlineData(null, "web", InboundTls.Off, true)]
    [InlineData(null, "web", InboundTls.Strict, false)]
    [InlineData(null, "", InboundTls.Permissive, false)]
    [InlineData("web", "web", InboundTls.Permissive, true)]
    [InlineData("web", "web", InboundTls.Strict, true)]
    [InlineData("web", "WEB", InboundTls.Strict, true)]
    [InlineData("web", null, InboundTls.Strict, false)]
    [InlineData("web", "admin", InboundTls.Strict, false)]
    [InlineData("web", "admin", InboundTls.Permissive, false)]
    [InlineData("", "web", InboundTls.Permissive, false)] // An identity that names no service.
    public void Member_IsWhoProvedWhatItSays_AndInPlaintextWhoSaysIt(
        string? proved, string? says, InboundTls mode, bool member)
    {
        var context = new DefaultHttpContext();
        context.Features.Set(Connection(proved));
        if (says is not null)
        {
            context.Request.Headers[MeshHeaders.Caller] = says;
        }

        Assert.Equal(member, new CallerMembership(Keepers.Create(mode)).IsMember(context.Request));
    }

    [Fact]
    public void RequestOfAMember_PassesTheDoor_WithoutAllocating()
    {
        var keeper = Keepers.Create(InboundTls.Strict);
        var instruments = new DoorInstruments(Keepers.Instruments());
        var door = new DoorMiddleware(
            _ => Task.CompletedTask, keeper, new DoorLedger(TimeProvider.System), instruments,
            new SlowBodies(TimeProvider.System));
        var membership = new CallerMembership(keeper);
        var context = new DefaultHttpContext();
        context.Features.Set(Connection("web"));
        context.Request.Protocol = "HTTP/2";
        context.Request.Headers[MeshHeaders.Caller] = "web";
        Run(1000);

        var before = GC.GetAllocatedBytesForCurrentThread();
        Run(1000);

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        void Run(int times)
        {
            for (var i = 0; i < times; i++)
            {
                context.Request.Scheme = "http";
                Assert.True(door.InvokeAsync(context).IsCompletedSuccessfully);
                Assert.True(membership.IsMember(context.Request));
                Assert.Same("https", context.Request.Scheme);
            }
        }
    }

    private static DoorConnection Connection(string? service)
    {
        if (service is null)
        {
            return new DoorConnection(DoorKind.Plaintext, DoorConnection.Http);
        }

        using var authority = new TestAuthority();
        var identity = Identities.Of(authority, "orders");
        return new DoorConnection(DoorKind.Tls, DoorConnection.Https)
        {
            Peer = new MeshPeer(identity.Id, service.Length == 0 ? null : service, identity, DateTimeOffset.MaxValue),
        };
    }
}
