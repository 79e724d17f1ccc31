using Mesh.Client;
using Mesh.Scenarios.Tests.Support;
using Mesh.Testing;
using Xunit.Abstractions;

namespace Mesh.Scenarios.Tests.Herds;

/// <summary>An operator restores an older snapshot of Consul while one of two desks does not hear of it.</summary>
public sealed class RestoreTests(ITestOutputHelper output)
{
    [Fact]
    public Task Restore_OneOfTwoDesksLags_NobodyFlipsAndNothingIsLost() => Scenario.RunAsync(output, async s =>
    {
        var (a, b) = (await s.StartBackendAsync("a"), await s.StartBackendAsync("b"));
        await s.Operator.RegisterAsync("orders", "a", a.Port, version: "1");
        await s.Operator.RegisterAsync("orders", "b", b.Port, version: "2");
        await s.Operator.PutPolicyAsync("orders", Splits.Between(v1: 100, v2: 0));

        // Tokens are part of the snapshot.
        await s.TokenAsync(TokenRules.Client);
        await s.TokenAsync(TokenRules.Desk);
        var snapshot = await SaveAsync(s.Consul);
        await s.Operator.PutPolicyAsync("orders", Splits.Between(v1: 0, v2: 100));
        await s.Operator.PutPolicyAsync("stock", """{ "schema": 1, "timeout": { "total": "7s" } }""");
        await using var proxy = await ConsulProxy.StartAsync(s.Consul);
        var ahead = await StartDeskAsync(s, "ahead", s.Consul.Address.ToString());
        var behind = await StartDeskAsync(s, "behind", proxy.Address);
        var both = $"{ahead.Address},{behind.Address}";
        Load[] loads =
        [
            await StartAsync(s, ahead.Address.ToString()), await StartAsync(s, behind.Address.ToString()),
            await StartAsync(s, both), await StartAsync(s, both),
        ];
        await Eventually.TrueAsync(() => loads.All(l => l.Answered("b") > 20), "the newer revision to be in force");
        var thawed = new TaskCompletionSource();
        proxy.Play(async context =>
        {
            await thawed.Task;
            context.Response.StatusCode = 500;
            return true;
        });
        var restored = loads.Select(l => l.Now).ToArray();

        await RestoreAsync(s.Consul, snapshot);
        var taken = await Eventually.TrueAsync(
            () => loads[0].Answered("a", restored[0]) > 20, "the restored revision to be in force");
        var settled = loads[0].Now;
        await loads[0].AfterAsync(300);
        Assert.Equal(0, loads[0].Answered("b", settled + TimeSpan.FromSeconds(1)));

        // Whoever hung on it has only the desk that lags now.
        await ahead.KillAsync();
        await loads[0].AfterAsync(600);
        proxy.Pass();
        thawed.SetResult();
        var caughtUp = await Eventually.TrueAsync(
            () => loads.All(l => LastAnswers(l, "a")), "everybody to be at the restored revision", TimeSpan.FromSeconds(60));
        await Task.WhenAll(loads.Select(l => l.StopAsync()));

        s.Figure("takenAfterSeconds", taken.TotalSeconds);
        s.Figure("caughtUpAfterSeconds", caughtUp.TotalSeconds);
        s.Figure("flips", loads.Select(Flips));
        Assert.All(loads, load => Assert.True(load.Failed.Count == 0, load.Describe()));
        Assert.All(loads, load => Assert.Equal(1, Flips(load)));
        using var client = new DeskClient(behind.Address);
        await client.DocumentAsync("policy/services/stock", "orphaned");
        Assert.Contains("went back from index", ahead.Log, StringComparison.Ordinal);
        Assert.Contains("went back from index", behind.Log, StringComparison.Ordinal);
        await s.Operator.PutPolicyAsync("stock", """{ "schema": 1, "timeout": { "total": "8s" } }""");
        await client.DocumentAsync("policy/services/stock", "accepted");
    });

    private static Task<ServiceProcess> StartDeskAsync(Scenario s, string name, string consul) => s.StartProcessAsync(
        Scenario.Desk, name, 0,
        ("CONSUL_HTTP_ADDR", consul), ("Desk__DataFolder", Path.Combine(s.Folder, name)), ("Desk__Register", "false"));

    private static async Task<Load> StartAsync(Scenario s, string desks)
    {
        var caller = await s.StartCallerAsync(o =>
        {
            o.ConfigServer = desks;
            o.Upstreams["stock"] = new MeshUpstreamOptions();
        });
        await caller.GovernedAsync();
        return s.StartLoad(caller, "http://orders/", rate: 100);
    }

    /// <summary>How often the answers of a load turn from one backend to the other; those under way may overlap.</summary>
    private static int Flips(Load load)
    {
        var answers = load.Calls.OrderBy(c => c.Start).Select(c => c.Answer).Where(a => a is "a" or "b").ToArray();
        var windows = answers.Chunk(20).Where(w => w.Distinct().Count() == 1).Select(w => w[0]).ToArray();
        return windows.Zip(windows.Skip(1)).Count(p => p.First != p.Second);
    }

    private static bool LastAnswers(Load load, string by) =>
        load.Calls.OrderByDescending(c => c.Start).Take(50).All(c => c.Answer == by);

    private static async Task<byte[]> SaveAsync(ConsulAgent agent)
    {
        using var http = Client(agent);
        return await http.GetByteArrayAsync("/v1/snapshot");
    }

    private static async Task RestoreAsync(ConsulAgent agent, byte[] snapshot)
    {
        using var http = Client(agent);
        using var response = await http.PutAsync("/v1/snapshot", new ByteArrayContent(snapshot));
        response.EnsureSuccessStatusCode();
    }

    private static HttpClient Client(ConsulAgent agent)
    {
        var http = new HttpClient { BaseAddress = agent.Address };
        http.DefaultRequestHeaders.Add("X-Consul-Token", agent.ManagementToken);
        return http;
    }
}
