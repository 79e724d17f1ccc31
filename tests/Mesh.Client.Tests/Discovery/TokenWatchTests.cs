using Mesh.Client.Tests.Support;
using Mesh.Testing;

namespace Mesh.Client.Tests.Discovery;

public sealed class TokenWatchTests
{
    private const string All = """
        service_prefix "" { policy = "read" } node_prefix "" { policy = "read" } key_prefix "mesh/" { policy = "list" }
        """;

    /// <summary>Two rounds of a minute: on a busy machine, the answer to the first may come too late by this clock.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(125);

    [Fact]
    public async Task Permission_LostWhileNothingWakesAWatch_IsNoticedAndSoIsItsReturn()
    {
        await using var agent = await ConsulAgent.StartAsync(new ConsulAgentOptions { AclDefaultDeny = true });
        var token = await agent.CreateTokenAsync(All);
        await using var bench = new FeedBench(agent, o => o.Consul.Token = token, clock: new ManualTimeProvider());
        await bench.RegisterAsync("o1", 5001);
        bench.Discover();
        await bench.EndpointsBecomeAsync("orders", "5001 Passing");
        var changes = 0;
        bench.Discovery.TokenChanged += () => Interlocked.Increment(ref changes);

        await agent.UpdateTokenAsync(token, """service_prefix "" { policy = "read" } key_prefix "mesh/" { policy = "list" }""");
        await PassAsync(bench, () => bench.Discovery.TokenTrouble is not null);
        Assert.Contains(
            $$"""node "{{bench.Upstream().Endpoints.Single().Info.Node}}" { policy = "read" }""",
            bench.Discovery.TokenTrouble,
            StringComparison.Ordinal);
        Assert.Equal(0, changes);

        await agent.UpdateTokenAsync(token, All);
        await PassAsync(bench, () => bench.Discovery.TokenTrouble is null);
        await Eventually.BecomesAsync(() => changes == 1, () => $"{changes} changes were told.");
        Assert.Equal(["5001 Passing"], bench.Describe("orders"));
    }

    [Fact]
    public async Task Token_ReplacedInItsFile_IsTakenUpByReadsUnderWay()
    {
        await using var agent = await ConsulAgent.StartAsync(new ConsulAgentOptions { AclDefaultDeny = true });
        var folder = Directory.CreateTempSubdirectory("mesh-token-");
        var file = Path.Combine(folder.FullName, "token");
        var old = await agent.CreateTokenAsync(All);
        await File.WriteAllTextAsync(file, old);
        await using (var bench = new FeedBench(
                         agent, o => (o.Consul.Token, o.Consul.TokenFile) = (null, file), clock: new ManualTimeProvider()))
        {
            await bench.RegisterAsync("o1", 5001);
            bench.Discover();
            await bench.EndpointsBecomeAsync("orders", "5001 Passing");
            var changes = 0;
            bench.Discovery.TokenChanged += () => Interlocked.Increment(ref changes);

            await File.WriteAllTextAsync(file, await agent.CreateTokenAsync(All));
            await PassAsync(bench, () => Volatile.Read(ref changes) == 1);
            await agent.DeleteTokenAsync(old);
            await bench.RegisterAsync("o2", 5002);

            await bench.EndpointsBecomeAsync("orders", "5001 Passing", "5002 Passing");
            Assert.Equal(0, bench.Meters.Count("mesh.discovery.updates", ("mesh.result", "acl")));
        }

        folder.Delete(recursive: true);
    }

    /// <summary>Lets time pass in steps, each long enough for an answer of the agent, until it happened.</summary>
    private static async Task PassAsync(FeedBench bench, Func<bool> happened)
    {
        for (var passed = TimeSpan.Zero; !happened(); passed += TimeSpan.FromSeconds(1))
        {
            Assert.True(passed <= Longest, $"Nothing was noticed in {Longest}.");
            bench.Clock!.Advance(TimeSpan.FromSeconds(1));
            for (var wait = 0; wait < 10 && !happened(); wait++)
            {
                await Task.Delay(10);
            }
        }
    }
}
