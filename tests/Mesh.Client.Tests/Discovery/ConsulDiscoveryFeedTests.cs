using Mesh.Client.Tests.Support;
using Mesh.Consul;
using Mesh.Testing;

namespace Mesh.Client.Tests.Discovery;

public sealed class ConsulDiscoveryFeedTests
{
    [Fact]
    public async Task Watch_InstancesComeChangeAndGo_UpstreamFollows()
    {
        await using var agent = await ConsulAgent.StartAsync();
        await using var bench = new FeedBench(agent);
        await bench.RegisterAsync("o1", 5001);
        var upstream = bench.Discover();
        await bench.EndpointsBecomeAsync("orders", "5001 Passing");
        var first = upstream.Endpoints.Single();

        await bench.RegisterAsync("o2", 5002);
        await bench.EndpointsBecomeAsync("orders", "5001 Passing", "5002 Passing");
        await bench.CheckAsync("o2", ConsulHealth.Critical);
        await bench.EndpointsBecomeAsync("orders", "5001 Passing", "5002 Critical");
        await bench.CheckAsync("o2", ConsulHealth.Warning);
        await bench.EndpointsBecomeAsync("orders", "5001 Passing", "5002 Warning");
        await bench.Operator.SetMaintenanceAsync("o2", true, "work", CancellationToken.None);
        await bench.EndpointsBecomeAsync("orders", "5001 Passing", "5002 Maintenance");
        await bench.RegisterAsync("o1", 5001, with: r => r with
        {
            Weights = new ConsulWeights(7, 3),
            Meta = new Dictionary<string, string> { ["version"] = "2", ["zone"] = "a" },
            Tags = ["blue"],
        });
        await Eventually.BecomesAsync(() => first.Weight == 7, () => $"Weight {first.Weight}.");

        Assert.Same(first, upstream.Endpoints.Single(e => e.Port == 5001));
        Assert.Equal(("2", "a"), (first.Metadata["version"], first.Zone));
        Assert.Equal(["blue"], first.Info.Tags);
        await bench.DeregisterAsync("o2");
        await bench.EndpointsBecomeAsync("orders", "5001 Passing");
        Assert.True(upstream.IsDeclared);
        Assert.True(bench.Meters.Count("mesh.discovery.updates", ("mesh.result", "applied")) > 0);
    }

    [Fact]
    public async Task Watch_NameNobodyRegistered_IsUnknownUntilSomebodyDoes()
    {
        await using var agent = await ConsulAgent.StartAsync();
        await using var bench = new FeedBench(agent);
        var upstream = bench.Discover("later");

        await upstream.FirstAnswer.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.True(upstream.IsUnknown);
        Assert.False(upstream.IsDeclared);

        await bench.RegisterAsync("l1", 5001, "later");
        await bench.EndpointsBecomeAsync("later", "5001 Passing");
        Assert.False(upstream.IsUnknown);
    }

    [Fact]
    public async Task Watch_LastInstanceDeregistered_IsSuspectAndThenGone()
    {
        await using var agent = await ConsulAgent.StartAsync();
        await using var bench = new FeedBench(agent, o => o.Discovery.SuspectWindow = TimeSpan.FromSeconds(3));
        await bench.RegisterAsync("o1", 5001);
        var upstream = bench.Discover();
        await bench.EndpointsBecomeAsync("orders", "5001 Passing");

        await bench.DeregisterAsync("o1");

        await bench.EndpointsBecomeAsync("orders", "5001 Passing?");
        await bench.EndpointsBecomeAsync("orders");
        Assert.True(upstream.IsDeclared);
        Assert.False(upstream.IsUnknown);
    }

    [Fact]
    public async Task Watch_AgentKilledAndStartedWithoutItsData_KeepsTheEndpointsUntilTheyRegisterAgain()
    {
        await using var agent = await ConsulAgent.StartAsync();
        await using var bench = new FeedBench(agent, o => o.Discovery.SuspectWindow = TimeSpan.FromSeconds(20));
        await bench.RegisterAsync("o1", 5001);
        await bench.RegisterAsync("o2", 5002);
        bench.Discover();
        await bench.EndpointsBecomeAsync("orders", "5001 Passing", "5002 Passing");

        await agent.KillAsync();
        await Eventually.BecomesAsync(() => bench.Discovery.LostFor > TimeSpan.Zero, () => "Loss was not noticed.");
        Assert.Equal(["5001 Passing", "5002 Passing"], bench.Describe("orders"));
        bench.Meters.Collect();
        Assert.Contains(bench.Meters.Measurements, m => m.Name == "mesh.discovery.age" && m.Value > 0);

        await agent.RestartAsync();
        await bench.EndpointsBecomeAsync("orders", "5001 Passing?", "5002 Passing?");
        await bench.RegisterAsync("o1", 5001);
        await bench.RegisterAsync("o2", 5002);
        await bench.EndpointsBecomeAsync("orders", "5001 Passing", "5002 Passing");
        Assert.Equal(TimeSpan.Zero, bench.Discovery.LostFor);
    }

    [Fact]
    public async Task Watch_AgentPaused_KeepsTheEndpointsAndGoesOnAfterwards()
    {
        await using var agent = await ConsulAgent.StartAsync();
        await using var bench = new FeedBench(agent);
        await bench.RegisterAsync("o1", 5001);
        bench.Discover();
        await bench.EndpointsBecomeAsync("orders", "5001 Passing");

        agent.Pause();
        var registering = bench.RegisterAsync("o2", 5002);
        Assert.Equal(["5001 Passing"], bench.Describe("orders"));
        agent.Resume();

        await registering;
        await bench.EndpointsBecomeAsync("orders", "5001 Passing", "5002 Passing");
    }

    [Fact]
    public async Task Watch_TokenNarrowed_KeepsTheEndpointsForReasonAcl()
    {
        await using var agent = await ConsulAgent.StartAsync(new ConsulAgentOptions { AclDefaultDeny = true });
        const string all = """
            service_prefix "" { policy = "read" } node_prefix "" { policy = "read" } key_prefix "mesh/" { policy = "list" }
            """;
        var token = await agent.CreateTokenAsync(all);
        await using var bench = new FeedBench(agent, o => o.Consul.Token = token);
        await bench.RegisterAsync("o1", 5001);
        await bench.RegisterAsync("o2", 5002);
        bench.Discover();
        await bench.EndpointsBecomeAsync("orders", "5001 Passing", "5002 Passing");

        await agent.UpdateTokenAsync(token, """service "other" { policy = "read" }""");
        await bench.RegisterAsync("o3", 5003); // wakes the watch, which now sees nothing

        await bench.EndpointsBecomeAsync("orders", "5001 Passing?", "5002 Passing?");
        await bench.EndpointsBecomeAsync("orders", "5001 Passing", "5002 Passing");
        await Eventually.BecomesAsync(
            () => bench.Meters.Count("mesh.discovery.updates", ("mesh.result", "acl")) > 1,
            () => "Two confirming reads did not give the reason acl.");
        Assert.Equal(["5001 Passing", "5002 Passing"], bench.Describe("orders"));
        Assert.Contains("""service "orders" { policy = "read" }""", bench.Discovery.TokenTrouble, StringComparison.Ordinal);
        Assert.Contains(bench.Logs.Of(1003), l => l.Contains("reason acl", StringComparison.Ordinal));

        await agent.UpdateTokenAsync(token, all);
        await bench.EndpointsBecomeAsync("orders", "5001 Passing", "5002 Passing", "5003 Passing");
        await Eventually.BecomesAsync(() => bench.Discovery.TokenTrouble is null, () => bench.Discovery.TokenTrouble!);
    }

    [Fact]
    public async Task Watch_OnlyThisServiceHidden_KeepsTheEndpointsAlthoughTheTokenReadsOthers()
    {
        await using var agent = await ConsulAgent.StartAsync(new ConsulAgentOptions { AclDefaultDeny = true });
        const string all = """
            service_prefix "" { policy = "read" } node_prefix "" { policy = "read" } key_prefix "mesh/" { policy = "list" }
            """;
        var token = await agent.CreateTokenAsync(all);
        await using var bench = new FeedBench(agent, o => o.Consul.Token = token);
        await bench.RegisterAsync("o1", 5001);
        bench.Discover();
        await bench.EndpointsBecomeAsync("orders", "5001 Passing");

        await agent.UpdateTokenAsync(token, all + """ service "orders" { policy = "deny" }""");
        await bench.RegisterAsync("o2", 5002);

        await bench.EndpointsBecomeAsync("orders", "5001 Passing?");
        await bench.EndpointsBecomeAsync("orders", "5001 Passing");
        Assert.Contains("""service "orders" { policy = "read" }""", bench.Discovery.TokenTrouble, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Watch_TokenDeleted_KeepsTheEndpointsForReasonAcl()
    {
        await using var agent = await ConsulAgent.StartAsync(new ConsulAgentOptions { AclDefaultDeny = true });
        var token = await agent.CreateTokenAsync(
            """service_prefix "" { policy = "read" } node_prefix "" { policy = "read" }""");
        await using var bench = new FeedBench(agent, o => o.Consul.Token = token);
        await bench.RegisterAsync("o1", 5001);
        bench.Discover();
        await bench.EndpointsBecomeAsync("orders", "5001 Passing");

        await agent.DeleteTokenAsync(token);
        await bench.RegisterAsync("o2", 5002);

        await Eventually.BecomesAsync(
            () => bench.Meters.Count("mesh.discovery.updates", ("mesh.result", "acl")) > 0, () => "No reason acl.");
        Assert.Equal("5001", bench.Describe("orders").Single().Split(' ')[0]);
    }

    [Fact]
    public async Task Watch_KeepLastGoodOff_EmptiesWhenConsulIsLost()
    {
        await using var agent = await ConsulAgent.StartAsync();
        await using var bench = new FeedBench(agent, o => o.Discovery.KeepLastGood = false);
        await bench.RegisterAsync("o1", 5001);
        bench.Discover();
        await bench.EndpointsBecomeAsync("orders", "5001 Passing");

        await agent.KillAsync();

        await bench.EndpointsBecomeAsync("orders");
    }

    [Fact]
    public async Task Detach_StopsTheWatch_AndAttachGoesOn()
    {
        await using var agent = await ConsulAgent.StartAsync();
        await using var bench = new FeedBench(agent);
        await bench.RegisterAsync("o1", 5001);
        var upstream = bench.Discover();
        await bench.EndpointsBecomeAsync("orders", "5001 Passing");

        bench.Discovery.Detach(upstream);
        bench.Discover("witness");
        await bench.RegisterAsync("o2", 5002);
        await bench.RegisterAsync("w1", 6001, "witness");
        await bench.EndpointsBecomeAsync("witness", "6001 Passing");
        Assert.Equal(["5001 Passing"], bench.Describe("orders"));

        bench.Discover();
        await bench.EndpointsBecomeAsync("orders", "5001 Passing", "5002 Passing");
    }

    [Fact]
    public async Task Watch_MoreServicesThanQueries_SharesOneWatchAndSeparatesAgain()
    {
        await using var agent = await ConsulAgent.StartAsync();
        await using var bench = new FeedBench(agent, o => o.Consul.MaxBlockingQueries = 6);
        var names = Enumerable.Range(1, 8).Select(i => $"s{i}").ToArray();
        foreach (var (name, i) in names.Select((n, i) => (n, i)))
        {
            await bench.RegisterAsync($"{name}-a", 7000 + i, name);
            bench.Discover(name);
        }

        Assert.True(bench.Discovery.IsShared);
        await bench.EndpointsBecomeAsync("s1", "7000 Passing");
        await bench.EndpointsBecomeAsync("s8", "7007 Passing");
        await bench.CheckAsync("s3-a", ConsulHealth.Critical);
        await bench.EndpointsBecomeAsync("s3", "7002 Critical");
        await bench.RegisterAsync("s5-b", 7100, "s5");
        await bench.EndpointsBecomeAsync("s5", "7004 Passing", "7100 Passing");
        await bench.DeregisterAsync("s5-a");
        await bench.EndpointsBecomeAsync("s5", "7100 Passing");

        foreach (var name in names.Skip(3))
        {
            bench.Discovery.Detach(bench.Upstream(name));
        }

        Assert.False(bench.Discovery.IsShared);
        await bench.CheckAsync("s3-a", ConsulHealth.Passing);
        await bench.EndpointsBecomeAsync("s3", "7002 Passing");
    }

    [Fact]
    public async Task Snapshot_ConsulDownAtStart_BootsFromWhatTheRunBeforeKnew()
    {
        await using var agent = await ConsulAgent.StartAsync();
        var folder = Directory.CreateTempSubdirectory("mesh-snapshot-").FullName;
        await using (var before = new FeedBench(agent, snapshotFolder: folder))
        {
            await before.RegisterAsync("o1", 5001);
            before.Discover();
            await before.EndpointsBecomeAsync("orders", "5001 Passing");
        }

        await agent.KillAsync();
        await using (var after = new FeedBench(agent, snapshotFolder: folder))
        {
            var upstream = after.Discover();
            await after.EndpointsBecomeAsync("orders", "5001 Passing");
            Assert.True(upstream.IsDeclared);
            Assert.True(after.Meters.Count("mesh.discovery.updates", ("mesh.source", "snapshot")) > 0);

            // The agent comes back without data: what the snapshot knew is suspect, then gone.
            await agent.RestartAsync();
            await after.EndpointsBecomeAsync("orders");
        }

        Directory.Delete(folder, recursive: true);
    }
}
