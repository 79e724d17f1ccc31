using Mesh.Client.Pipeline;
using Mesh.Client.Tests.Support;
using Mesh.Testing;

namespace Mesh.Client.Tests.Discovery;

public sealed class TlsRecallTests
{
    [Fact]
    public async Task Watch_AnEarlierRunSawTheServiceWithTls_PlaintextIsRefusedFromTheFirstAnswerOn()
    {
        var folder = Directory.CreateTempSubdirectory("mesh-tls-").FullName;
        await using var agent = await ConsulAgent.StartAsync();
        await using (var before = new FeedBench(agent, snapshotFolder: folder))
        {
            before.Snapshot.RecordTls("orders", seen: true);
            before.Snapshot.Flush();
        }

        await using (var bench = new FeedBench(agent, snapshotFolder: folder))
        {
            await bench.RegisterAsync("o1", 5001);
            await bench.RegisterAsync("p1", 5002, "pricing");
            var (orders, pricing) = (bench.Discover(), bench.Discover("pricing"));
            await bench.EndpointsBecomeAsync("orders", "5001 Passing");
            await bench.EndpointsBecomeAsync("pricing", "5002 Passing");

            Assert.True(orders.SeenWithTls);
            Assert.Equal(EndpointState.Insecure, orders.Endpoints.Single().State);
            Assert.Equal(MeshReasons.PlaintextRefused, orders.Runtime!.Groups[""].Set.Refusal);
            Assert.Equal(EndpointState.Ready, pricing.Endpoints.Single().State);
        }

        Directory.Delete(folder, recursive: true);
    }
}
