using Mesh.Client;
using Mesh.Scenarios.Tests.Support;
using Mesh.Testing;
using Xunit.Abstractions;

namespace Mesh.Scenarios.Tests.Herds;

/// <summary>Consul's servers elect another leader: every blocked read ends, and nobody may come back all at once.</summary>
public sealed class LeaderChangeTests(ITestOutputHelper output)
{
    [Fact]
    public Task Leader_KilledUnderLoad_NoCallFailsAndReadsAreSpread() => Scenario.RunAsync(output, async s =>
    {
        await using var cluster = await ConsulCluster.StartAsync();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(40));
        var leader = await cluster.LeaderAsync(patience.Token);
        var agent = cluster.Servers.First(server => server != leader);
        using var person = new ConsulOperator(agent.Address);
        var (a, b) = (await s.StartBackendAsync("a"), await s.StartBackendAsync("b"));
        var names = Enumerable.Range(0, 6).Select(i => $"s{i}").ToArray();
        foreach (var name in names)
        {
            await person.RegisterAsync(name, $"{name}-a", a.Port, check: true);
            await person.RegisterAsync(name, $"{name}-b", b.Port, check: true);
        }

        await person.PutPolicyAsync("s0", """{ "schema": 1, "timeout": { "total": "3s" } }""");
        var desk = await s.StartProcessAsync(
            Scenario.Desk, "desk", 0,
            ("CONSUL_HTTP_ADDR", agent.Address.ToString()), ("CONSUL_HTTP_TOKEN", ""), ("Desk__Register", "false"));
        using var http = new HttpClient();
        await Eventually.TrueAsync(
            async () => (await http.GetAsync(new Uri(desk.Address, "/readyz"))).IsSuccessStatusCode, "the desk to be ready");
        using var client = new DeskClient(desk.Address);
        await client.DocumentAsync("policy/services/s0", "accepted");
        var herd = new Herd(s);
        await herd.StartAsync(processes: 0, callers: 15, names, o =>
        {
            o.Consul.Address = agent.Address.ToString();
            o.Consul.Token = null;
        });
        await herd.KnowsAsync(12);
        await Task.WhenAll(herd.Callers.Select(c => c.GovernedAsync()));
        var load = s.StartLoad(herd.Callers[0], "http://s0/");
        await load.AfterAsync(100);
        var before = Updates(herd);

        await leader.KillAsync();
        var next = await cluster.LeaderAsync(patience.Token);
        var elected = Updates(herd);
        await Task.Delay(TimeSpan.FromSeconds(10));
        var settled = Updates(herd);
        var c = await s.StartBackendAsync("c");
        await person.RegisterAsync("s0", "s0-c", c.Port, check: true);
        var changed = await herd.KnowsAsync(13);
        await person.PutPolicyAsync("s1", """{ "schema": 1, "timeout": { "total": "4s" } }""");
        await client.DocumentAsync("policy/services/s1", "accepted");
        await client.DocumentAsync("policy/services/s0", "accepted");
        await load.AfterAsync(200);
        await load.StopAsync();

        var watches = herd.Callers.Count * names.Length;
        s.Figure("electionReadsPerWatch", (elected - before) / (double)watches);
        s.Figure("afterReadsPerWatch", (settled - elected) / (double)watches);
        s.Figure("changeSeconds", changed.TotalSeconds);
        Assert.NotSame(leader, next);
        Assert.True(load.Failed.Count == 0, load.Describe());
        Assert.Equal(0, herd.Callers.Sum(c => c.Count(MeshTelemetry.DiscoveryUpdates, "shrunk")));

        // A failure, some tries with growing pauses, an answer: never a loop.
        Assert.InRange((settled - before) / (double)watches, 0, 12);
    });

    private static long Updates(Herd herd) => herd.Callers.Sum(c => c.Count(MeshTelemetry.DiscoveryUpdates));
}
