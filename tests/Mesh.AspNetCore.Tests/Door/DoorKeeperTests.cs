using System.Net;
using System.Threading;
using Mesh.AspNetCore.Door;
using Mesh.AspNetCore.Tests.Support;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Mesh.AspNetCore.Tests.Door;

public sealed class DoorKeeperTests
{
    [Fact]
    public void ProtocolsOf_EndpointSetUpAnew_AreThoseOfTheNewest()
    {
        var keeper = Keepers.Create();
        var (first, second, third) = (
            Endpoint(HttpProtocols.Http1), Endpoint(HttpProtocols.Http1AndHttp2), Endpoint(HttpProtocols.Http2));

        // A reload of the configuration comes on whatever thread.
        keeper.Guards(first);
        var reload = new Thread(() => keeper.Guards(second));
        reload.Start();
        reload.Join();
        Assert.Equal(HttpProtocols.Http1AndHttp2, keeper.ProtocolsOf(5001));

        keeper.Guards(third);
        Assert.Equal(HttpProtocols.Http2, keeper.ProtocolsOf(5001));
        Assert.Null(keeper.ProtocolsOf(5002));
    }

    private static ListenOptions Endpoint(HttpProtocols protocols)
    {
        ListenOptions? made = null;
        new KestrelServerOptions().Listen(IPAddress.Loopback, 5001, endpoint =>
        {
            endpoint.Protocols = protocols;
            made = endpoint;
        });
        return made!;
    }
}
