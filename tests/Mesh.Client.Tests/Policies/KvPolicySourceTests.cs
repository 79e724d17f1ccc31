using Mesh.Client.Policies;
using Mesh.Client.Tests.Support;
using Mesh.Consul;
using Mesh.Policy;
using Mesh.Testing;

namespace Mesh.Client.Tests.Policies;

public sealed class KvPolicySourceTests
{
    private const string TwoSeconds = """{ "schema": 1, "timeout": { "total": "2s" } }""";
    private const string ThreeSeconds = """{ "schema": 1, "timeout": { "total": "3s" } }""";

    [Fact]
    public async Task Watch_DocumentWrittenChangedSpoiltDeleted_UpstreamObeys()
    {
        await using var agent = await ConsulAgent.StartAsync();
        await using var bench = new FeedBench(agent);
        var upstream = Ready(bench);
        await bench.PolicyBecomesAsync(u => u.Runtime!.PolicyRevision == "default");

        await bench.PutAsync("policy/services/orders", TwoSeconds);
        await TotalBecomesAsync(bench, 2);
        await bench.PutAsync("policy/services/orders", ThreeSeconds);
        await TotalBecomesAsync(bench, 3);

        await bench.PutAsync("policy/services/orders", """{ "schema": 1, "timeout": { "total": "soon" } }""");
        await Eventually.BecomesAsync(() => bench.Policies.Status.Refused.Any(), () => "Not refused.");
        var refused = bench.Policies.Status.Refused.Single();
        Assert.Equal("/timeout/total", Assert.Single(refused.Problems).Path);
        Assert.NotNull(refused.LastGood);
        Assert.Equal(TimeSpan.FromSeconds(3), Total(upstream));

        await bench.PutAsync("policy/services/orders", TwoSeconds);
        await TotalBecomesAsync(bench, 2);
        await bench.PutAsync("policy/services/other", TwoSeconds);
        await bench.DeleteAsync("policy/services/orders");
        await bench.PolicyBecomesAsync(u => u.Runtime!.PolicyRevision == "default");
        Assert.Equal(PolicySource.Kv, bench.Policies.Status.Source);
        Assert.Empty(bench.Policies.Status.Documents);
    }

    [Fact]
    public async Task FirstCall_PolicyIsInForceBeforeAnythingRuns()
    {
        await using var agent = await ConsulAgent.StartAsync();
        await using var bench = new FeedBench(agent);
        await bench.PutAsync("policy/services/orders", TwoSeconds);

        bench.Govern();
        bench.GiveEndpoint("orders");
        await bench.Upstream().FirstPolicy.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(TimeSpan.FromSeconds(2), Total(bench.Upstream()));

        bench.Govern("pricing");
        bench.GiveEndpoint("pricing");
        await bench.Upstream("pricing").FirstPolicy.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal("default", bench.Upstream("pricing").Runtime!.PolicyRevision);
    }

    [Fact]
    public async Task FirstCall_ConsulIsDown_IsNotKeptWaiting()
    {
        await using var agent = await ConsulAgent.StartAsync();
        await using var bench = new FeedBench(agent);
        await agent.KillAsync();

        bench.Govern();
        bench.GiveEndpoint("orders");

        await bench.Upstream().FirstPolicy.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal("default", bench.Upstream().Runtime!.PolicyRevision);
    }

    [Fact]
    public async Task Restore_OfAnOlderSnapshot_TakesWhatItHoldsKeepsWhatItLacksAndSaysSo()
    {
        await using var agent = await ConsulAgent.StartAsync();
        await using var bench = new FeedBench(agent);
        await bench.PutAsync("policy/services/orders", TwoSeconds);
        Ready(bench);
        Ready(bench, "pricing");
        await TotalBecomesAsync(bench, 2);
        var snapshot = await ConsulSnapshot.SaveAsync(agent);
        await bench.PutAsync("policy/services/pricing", ThreeSeconds);
        await bench.PutAsync("policy/services/orders", ThreeSeconds);
        await TotalBecomesAsync(bench, 3);
        await TotalBecomesAsync(bench, 3, "pricing");

        await ConsulSnapshot.RestoreAsync(agent, snapshot);

        await TotalBecomesAsync(bench, 2);
        await Eventually.BecomesAsync(
            () => bench.Policies.Status.Orphaned.Contains(PolicyKey.TrafficTo("pricing")), () => "Not orphaned.");
        Assert.Equal(TimeSpan.FromSeconds(3), Total(bench.Upstream("pricing")));
        Assert.Contains("went back from index", Assert.Single(bench.Logs.Of(2030)), StringComparison.Ordinal);
        await bench.PutAsync("policy/services/pricing", TwoSeconds);
        await TotalBecomesAsync(bench, 2, "pricing");
        await bench.DeleteAsync("policy/services/pricing");
        await bench.PolicyBecomesAsync(u => u.Runtime!.PolicyRevision == "default", "pricing");
    }

    [Fact]
    public async Task Watch_OnlyDocumentDeleted_IsBelieved()
    {
        await using var agent = await ConsulAgent.StartAsync();
        await using var bench = new FeedBench(agent);
        Ready(bench);
        await bench.PutAsync("policy/services/orders", TwoSeconds);
        await TotalBecomesAsync(bench, 2);

        await bench.DeleteAsync("policy/services/orders");

        await bench.PolicyBecomesAsync(u => u.Runtime!.PolicyRevision == "default");
    }

    [Fact]
    public async Task Watch_EverythingDeletedAtOnce_StaysInForceAsOrphans()
    {
        await using var agent = await ConsulAgent.StartAsync();
        await using var bench = new FeedBench(agent);
        Ready(bench);
        await bench.PutAsync("policy/global", """{ "schema": 1, "retry": { "maxAttempts": 3 } }""");
        await bench.PutAsync("policy/services/orders", TwoSeconds);
        await TotalBecomesAsync(bench, 2);

        await bench.Operator.DeleteKeyAsync("mesh/", true, null, CancellationToken.None);

        await Eventually.BecomesAsync(() => bench.Policies.Status.Orphaned.Count > 0, () => "No orphans.");
        Assert.Equal(TimeSpan.FromSeconds(2), Total(bench.Upstream()));

        await bench.PutAsync("policy/services/orders", ThreeSeconds);
        await TotalBecomesAsync(bench, 3);
        Assert.DoesNotContain(PolicyKey.TrafficTo("orders"), bench.Policies.Status.Orphaned);
    }

    [Fact]
    public async Task Watch_AgentRestartsWithoutItsData_KeepsThePolicyInForce()
    {
        await using var agent = await ConsulAgent.StartAsync();
        await using var bench = new FeedBench(agent);
        Ready(bench);
        await bench.PutAsync("policy/services/orders", TwoSeconds);
        await TotalBecomesAsync(bench, 2);

        await agent.KillAsync();
        await agent.RestartAsync();

        await Eventually.BecomesAsync(() => bench.Policies.Status.Orphaned.Count == 1, () => "No orphan.");
        Assert.Equal(TimeSpan.FromSeconds(2), Total(bench.Upstream()));
        await bench.PutAsync("policy/services/orders", ThreeSeconds);
        await TotalBecomesAsync(bench, 3);
    }

    [Fact]
    public async Task Watch_TokenNarrowed_KeepsThePolicyInForce()
    {
        await using var agent = await ConsulAgent.StartAsync(new ConsulAgentOptions { AclDefaultDeny = true });
        const string all = """key_prefix "mesh/" { policy = "read" } service_prefix "" { policy = "read" }""";
        var token = await agent.CreateTokenAsync(all);
        await using var bench = new FeedBench(agent, o => o.Consul.Token = token);
        Ready(bench);
        await bench.PutAsync("policy/services/orders", TwoSeconds);
        await bench.PutAsync("switches/callers/web", """{ "off": ["hedge"] }""");
        await TotalBecomesAsync(bench, 2);

        await agent.UpdateTokenAsync(token, """key_prefix "mesh/switches" { policy = "read" }""");
        await Eventually.BecomesAsync(() => IsDenied(bench), () => "The token was not narrowed.");
        await bench.PutAsync("switches/callers/web", """{ "off": ["retry"] }""");
        await bench.PolicyBecomesAsync(u => u.Runtime!.Switches.Off == Mechanisms.Retry);

        // The query that blocked meanwhile was judged by the token as it was; the next one is not.
        await bench.PutAsync("switches/callers/web", """{ "off": ["eject"] }""");
        await bench.PolicyBecomesAsync(u => u.Runtime!.Switches.Off == Mechanisms.Eject);
        await Eventually.BecomesAsync(
            () => bench.Policies.Status.Orphaned.Contains(PolicyKey.TrafficTo("orders")), () => $"Not orphaned. {string.Join(", ", bench.Policies.Status.Documents)}");
        Assert.Equal(TimeSpan.FromSeconds(2), Total(bench.Upstream()));
    }

    [Fact]
    public async Task Watch_SwitchThrown_ActsBesideABrokenPolicyAndFallsBackInTime()
    {
        await using var agent = await ConsulAgent.StartAsync();
        await using var bench = new FeedBench(agent);
        var upstream = Ready(bench);
        await bench.PutAsync("policy/services/orders", "{ broken");
        await Eventually.BecomesAsync(() => bench.Policies.Status.Refused.Any(), () => "Not refused.");

        var until = DateTimeOffset.UtcNow.AddSeconds(3);
        await bench.PutAsync(
            "switches/services/orders", $$"""{ "mode": "bypass", "until": "{{until:O}}", "by": "ana", "why": "test", "new": 1 }""");

        await bench.PolicyBecomesAsync(u => u.Runtime!.Switches.Bypass);
        Assert.Equal("orders", Assert.Single(bench.Policies.Status.Switches).Upstream);
        var thrown = Assert.Single(bench.Policies.Status.SwitchesInForce);
        Assert.Equal(("switches/services/orders", "ana", "test"), (thrown.Source, thrown.By, thrown.Why));
        bench.Meters.Collect();
        Assert.Equal(1, bench.Meters.Count(
            MeshTelemetry.Switches,
            (MeshTelemetry.ServiceTag, "orders"), (MeshTelemetry.SwitchTag, "bypass"), (MeshTelemetry.ScopeTag, "service")));
        await bench.PolicyBecomesAsync(u => !u.Runtime!.Switches.Bypass);
        Assert.True(DateTimeOffset.UtcNow >= until);
        await bench.PutAsync("switches/global", """{ "off": ["retry"] }""");
        await bench.PolicyBecomesAsync(u => u.Runtime!.Switches.Off == Mechanisms.Retry);
        await bench.DeleteAsync("switches/global");
        await bench.PolicyBecomesAsync(u => u.Runtime!.Switches == SwitchState.None);
        Assert.NotNull(upstream);
    }

    [Fact]
    public async Task Attach_UpstreamThatComesLater_GetsItsDocument()
    {
        await using var agent = await ConsulAgent.StartAsync();
        await using var bench = new FeedBench(agent);
        await bench.PutAsync("policy/services/orders", TwoSeconds);
        await bench.PutAsync("policy/services/late", ThreeSeconds);
        Ready(bench);
        await TotalBecomesAsync(bench, 2);
        Assert.Single(bench.Policies.Status.Documents);

        Ready(bench, "late");

        await TotalBecomesAsync(bench, 3, "late");
    }

    [Fact]
    public async Task Snapshot_ConsulDownAtStart_PolicyOfTheRunBeforeIsInForce()
    {
        await using var agent = await ConsulAgent.StartAsync();
        var folder = Directory.CreateTempSubdirectory("mesh-snapshot-").FullName;
        await using (var before = new FeedBench(agent, snapshotFolder: folder))
        {
            Ready(before);
            await before.PutAsync("policy/services/orders", TwoSeconds);
            await TotalBecomesAsync(before, 2);
        }

        await agent.KillAsync();
        await using (var after = new FeedBench(agent, snapshotFolder: folder))
        {
            Ready(after);
            await TotalBecomesAsync(after, 2);
            Assert.Equal(PolicySource.Snapshot, after.Policies.Status.Source);
            Assert.Null(after.Policies.Status.Age);
        }

        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Folder_NeitherDeskNorConsul_IsReadAndReadAgain()
    {
        await using var agent = await ConsulAgent.StartAsync();
        await agent.KillAsync();
        var folder = Directory.CreateTempSubdirectory("mesh-policy-").FullName;
        Directory.CreateDirectory(Path.Combine(folder, "policy", "services"));
        var file = Path.Combine(folder, "policy", "services", "orders.json");
        await File.WriteAllTextAsync(file, TwoSeconds);
        await using (var bench = new FeedBench(agent, o => o.PolicyFolder = folder))
        {
            Ready(bench);
            await TotalBecomesAsync(bench, 2);
            Assert.Equal(PolicySource.Files, bench.Policies.Status.Source);
            await File.WriteAllTextAsync(file, ThreeSeconds);
            await TotalBecomesAsync(bench, 3);

            await agent.RestartAsync();
            await bench.PolicyBecomesAsync(u => u.Runtime!.PolicyRevision == "default");
            Assert.Equal(PolicySource.Kv, bench.Policies.Status.Source);
        }

        Directory.Delete(folder, recursive: true);
    }

    /// <summary>Agents cache what a token may do for a moment.</summary>
    private static bool IsDenied(FeedBench bench)
    {
        try
        {
            _ = bench.Consul.Client.GetKeyAsync("mesh/policy/services/orders", ConsulQuery.None, CancellationToken.None)
                .GetAwaiter().GetResult();
            return false;
        }
        catch (ConsulException error)
        {
            return error.IsPermissionDenied;
        }
    }

    private static Client.Pipeline.Upstream Ready(FeedBench bench, string service = "orders")
    {
        var upstream = bench.Govern(service);
        bench.GiveEndpoint(service);
        return upstream;
    }

    private static TimeSpan? Total(Client.Pipeline.Upstream upstream) => upstream.Runtime!.Policy.Routes[^1].Timeout.Total;

    private static Task TotalBecomesAsync(FeedBench bench, int seconds, string service = "orders") =>
        bench.PolicyBecomesAsync(u => Total(u) == TimeSpan.FromSeconds(seconds), service);
}
