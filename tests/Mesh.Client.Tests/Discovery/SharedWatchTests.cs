using Mesh.Client.Tests.Support;
using Mesh.Consul;
using Mesh.Testing;

namespace Mesh.Client.Tests.Discovery;

public sealed class SharedWatchTests
{
    [Fact]
    public async Task Check_OfAServiceAddedWhileAReadBlocks_IsSeenBeforeTheSweep()
    {
        await using var agent = await ConsulAgent.StartAsync();
        await using var bench = new FeedBench(agent, o => o.Consul.MaxBlockingQueries = 3);
        foreach (var name in (string[])["early", "also", "late"])
        {
            await bench.RegisterAsync(name, 5001, name);
        }

        bench.Discover("early");
        bench.Discover("also");
        Assert.True(bench.Discovery.IsShared);
        await bench.EndpointsBecomeAsync("early", "5001 Passing");
        await bench.EndpointsBecomeAsync("also", "5001 Passing");
        await Eventually.BecomesAsync(() => bench.Consul.Client.BlockingQueries == 1, () => "No read blocks.");

        bench.Discover("late");
        await bench.EndpointsBecomeAsync("late", "5001 Passing");
        await bench.CheckAsync("late", ConsulHealth.Critical);

        // The sweep would find it, 48 seconds after the start at the earliest.
        await bench.EndpointsBecomeAsync("late", "5001 Critical");
    }
}
