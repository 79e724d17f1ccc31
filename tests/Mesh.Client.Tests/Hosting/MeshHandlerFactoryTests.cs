using System.Net;
using Mesh.Client.Pipeline;
using Mesh.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.Tests.Hosting;

public sealed class MeshHandlerFactoryTests
{
    [Fact]
    public void CreateHandler_WithoutInner_MakesOneOfItsOwn()
    {
        using var provider = Provider();
        using var handler = provider.GetRequiredService<IMeshHandlerFactory>().CreateHandler("tool");

        var chain = ClientChain.Chain(handler);

        Assert.Equal("tool", Assert.IsType<MeshHandler>(chain[0]).Settings.Name);
        var inner = Assert.IsType<SocketsHttpHandler>(chain[1]);
        Assert.Equal(TimeSpan.FromMinutes(2), inner.PooledConnectionLifetime);
        Assert.Equal(true, FactoryClientTests.GrpcBalancerFlag(inner));
    }

    [Fact]
    public void CreateHandler_AroundAChain_HonoursThePrimaryAtItsEnd()
    {
        using var provider = Provider();
        var primary = new SocketsHttpHandler
        {
            AutomaticDecompression = DecompressionMethods.Brotli,
            AllowAutoRedirect = false,
            ConnectCallback = (_, _) => default,
        };
        using var handler = provider.GetRequiredService<IMeshHandlerFactory>()
            .CreateHandler("channel", new Through { InnerHandler = primary });

        var settings = Assert.IsType<MeshHandler>(handler).Settings;

        Assert.Equal(DecompressionMethods.Brotli, settings.Profile.Decompression);
        Assert.Equal(0, settings.MaxRedirects);
        Assert.False(settings.RetriesOff);
        Assert.Equal(true, FactoryClientTests.GrpcBalancerFlag(primary));
    }

    [Fact]
    public async Task HttpClient_MadeByHand_ReachesMeshNamesAndOthers()
    {
        await using var orders = await HttpBackend.StartAsync(new HttpBackendOptions { Name = "orders" });
        await using var other = await HttpBackend.StartAsync(new HttpBackendOptions { Name = "other" });
        using var provider = Provider(orders);
        using var client = new HttpClient(provider.GetRequiredService<IMeshHandlerFactory>().CreateHandler());

        Assert.Equal("orders", await client.GetStringAsync("http://orders/"));
        Assert.Equal("orders", await client.GetStringAsync("http://ORDERS.mesh/"));
        Assert.Equal("other", await client.GetStringAsync(other.Address));
        Assert.Equal(["orders", "orders.mesh"], orders.Requests.Select(r => r.Host));
    }

    [Fact]
    public async Task Handlers_DisposedOneByOne_LeaveTheOthersTheirConnections()
    {
        await using var orders = await HttpBackend.StartAsync();
        using var provider = Provider(orders);
        var factory = provider.GetRequiredService<IMeshHandlerFactory>();

        for (var i = 0; i < 5; i++)
        {
            using var client = new HttpClient(factory.CreateHandler($"client-{i}"));
            await client.GetStringAsync("http://orders/");
        }

        Assert.Equal(1, orders.ConnectionCount);
    }

    private static ServiceProvider Provider(HttpBackend? orders = null)
    {
        var services = new ServiceCollection();
        services.AddMesh(options =>
        {
            options.Discovery.UseConsul = false;
            options.Snapshot.Enabled = false;
            if (orders is not null)
            {
                options.Upstreams["orders"] = new MeshUpstreamOptions { Endpoints = { $"127.0.0.1:{orders.Port}" } };
            }
        });
        return services.BuildServiceProvider();
    }

    private sealed class Through : DelegatingHandler;
}
