using System.Net;
using System.Text.Json;
using Mesh.Scenarios.Tests.Support;
using Mesh.Testing;
using Mesh.Tests.Shared;
using Xunit.Abstractions;

namespace Mesh.Scenarios.Tests.Policies;

/// <summary>What is at hand at three in the morning: the way back, and the lines as the README prints them.</summary>
public sealed class LeverTests(ITestOutputHelper output)
{
    private const string Orders = "policy/services/orders";

    /// <summary>A change acts within a second; the rest is for a machine that does much else besides.</summary>
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(3);

    [Fact]
    public Task Rollback_ThroughTheDesk_IsInForceWithinAMoment_AlsoAtAClientOfAnotherVersion() => Scenario.RunAsync(
        output,
        async s =>
        {
            var desk = await s.StartProcessAsync(Scenario.Desk, "desk");
            await using var proxy = await SkewingProxy.StartAsync(desk.Address, "subsets", "routes[].split");
            using var http = await AuthorAsync(s, desk);
            var (a, b) = (await s.StartBackendAsync("a"), await s.StartBackendAsync("b"));
            await s.Operator.RegisterAsync("orders", "a", a.Port, version: "1");
            await s.Operator.RegisterAsync("orders", "b", b.Port, version: "2");
            var same = await s.StartCallerAsync(o => o.ConfigServer = desk.Address.ToString());
            var other = await s.StartCallerAsync(o => (o.ConfigServer, o.Service) = (proxy.Address, "other"));
            Load[] loads = [s.StartLoad(same, "http://orders/"), s.StartLoad(other, "http://orders/")];
            using var shown = new DeskClient(desk.Address);
            await Eventually.TrueAsync(
                async () => (await shown.GetAsync("/v1/clients")).GetProperty("clients").EnumerateArray().Count(c =>
                    c.GetProperty("report").TryGetProperty("upstreams", out var u) && u.GetArrayLength() > 0) == 2,
                "both callers to report that they call orders");

            // Who would not obey is told before; who wants it all the same says so.
            var first = await PutAsync(http, Splits.Between(v1: 100, v2: 0), "");
            Assert.Equal(HttpStatusCode.Conflict, first.Status);
            var group = first.Body.GetProperty("clients").GetProperty("groups").EnumerateArray().Single();
            Assert.Equal(
                ("other", "0.0.9", 1),
                (group.GetProperty("service").GetString(), group.GetProperty("library").GetString(), group.GetProperty("count").GetInt32()));
            const string accept = "?accept=clients-cannot-obey";
            Assert.Equal(HttpStatusCode.OK, (await PutAsync(http, Splits.Between(v1: 100, v2: 0), accept)).Status);
            await SettleAsync(loads, "a");
            Assert.Equal(HttpStatusCode.OK, (await PutAsync(http, Splits.Between(v1: 0, v2: 100), accept)).Status);
            await SettleAsync(loads, "b");
            await HasHistoryAsync(shown, 2);

            var asked = loads.Select(l => l.Now).ToArray();
            using var content = new StringContent("""{ "by": "ana", "why": "INC-7", "accept": ["clients-cannot-obey"] }""");
            using var answer = await http.PostAsync($"/v1/documents/{Orders}/rollback", content);
            Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
            await SettleAsync(loads, "a");

            for (var i = 0; i < loads.Length; i++)
            {
                var last = loads[i].Calls.Where(c => c.Answer == "b").Max(c => c.Start) - asked[i];
                s.Figure(i == 0 ? "rollbackActsAfterSeconds" : "rollbackActsAtAnotherVersionAfterSeconds", last.TotalSeconds);
                Assert.True(last < Moment, $"The rollback acted {last} after it was asked for.");
                await loads[i].StopAsync();
                Assert.True(loads[i].Failed.Count == 0, loads[i].Describe());
            }

            var entry = await shown.DocumentAsync(Orders, "accepted");
            Assert.Equal("INC-7", entry.GetProperty("meta").GetProperty("why").GetString());

            // Two revisions and the way back, at least; what the desk knew before depends on who was there first.
            Assert.True(proxy.Changed >= 3, $"{proxy.Changed} events were changed.");
        },
        new ConsulAgentOptions { AclDefaultDeny = true });

    [Fact]
    public Task SwitchAndRollback_AsTheReadmePrintsThem_ActOnALiveProcess() => Scenario.RunAsync(
        output,
        async s =>
        {
            var (a, b) = (await s.StartBackendAsync("a"), await s.StartBackendAsync("b"));
            await s.Operator.RegisterAsync("orders", "a", a.Port, version: "1");
            await s.Operator.RegisterAsync("orders", "b", b.Port, version: "2");
            await s.Operator.PutPolicyAsync("orders", Splits.Between(v1: 0, v2: 100));
            var web = await s.StartServiceAsync("web", "web", settings: ("Scenario__Next", "http://orders/"));
            using var client = new HttpClient();
            await using var load = Load.Start(client, new Uri(web.Address, "/who?hops=1").ToString(), rate: 50);
            await SettleAsync([load], "b");

            var thrown = load.Now;
            await RunAsync(s, Line("consul kv put mesh/switches/services/orders "));
            await Eventually.TrueAsync(() => load.Calls.Any(c => c.Start > thrown && Is(c, "a")), "calls that no split keeps away");
            var acts = load.Calls.Where(c => c.Start > thrown && Is(c, "a")).Min(c => c.Start) - thrown;
            s.Figure("switchActsAfterSeconds", acts.TotalSeconds);
            Assert.True(acts < Moment, $"The switch acted {acts} after it was thrown.");

            await RunAsync(s, Line("consul kv delete mesh/switches/services/orders"));
            await SettleAsync([load], "b");

            // An edit straight in KV is taken back through the desk, in one call.
            var desk = await s.StartProcessAsync(Scenario.Desk, "desk");
            using var shown = new DeskClient(desk.Address);
            await HasHistoryAsync(shown, 1);
            await s.Operator.PutPolicyAsync("orders", Splits.Between(v1: 100, v2: 0));
            await SettleAsync([load], "a");
            await HasHistoryAsync(shown, 2);
            var asked = load.Now;
            await RunAsync(s, Line("curl -d ").Replace("http://127.0.0.1:8600/", desk.Address.ToString(), StringComparison.Ordinal));
            await SettleAsync([load], "b");
            s.Figure("rollbackLineActsAfterSeconds", load.Calls.Where(c => Is(c, "a")).Max(c => c.Start - asked).TotalSeconds);
            await load.StopAsync();
            s.Figure("callsThroughTheProcess", load.Calls.Count);
            Assert.True(load.Failed.Count == 0, load.Describe());
        },
        new ConsulAgentOptions { AclDefaultDeny = true });

    /// <summary>A line of the README as a reader would copy it.</summary>
    private static string Line(string start) => Assert.Single(
        File.ReadLines(Path.Combine(PublicSurface.RepositoryRoot(), "README.md")),
        l => l.StartsWith(start, StringComparison.Ordinal));

    /// <summary>In a shell that finds Consul, with a token that may do no more than an editor's, also as <c>TOKEN</c>.</summary>
    private static async Task RunAsync(Scenario s, string line)
    {
        var folder = Directory.CreateDirectory(Path.Combine(s.Folder, "bin")).FullName;
        var consul = Path.Combine(folder, "consul");
        if (!File.Exists(consul))
        {
            File.CreateSymbolicLink(consul, await ConsulBinary.FindAsync());
        }

        var token = await s.TokenAsync(TokenRules.Editor);
        var environment = new Dictionary<string, string>
        {
            ["PATH"] = $"{folder}:{Environment.GetEnvironmentVariable("PATH")}",
            ["CONSUL_HTTP_ADDR"] = s.Consul.Address.Authority,
            ["CONSUL_HTTP_TOKEN"] = token,
            ["TOKEN"] = token,
            ["no_proxy"] = "*",
        };
        using var process = Command.Start(s.Folder, environment, "sh", "-c", line);
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var said = await process.StandardOutput.ReadToEndAsync(timeout.Token);
        var errors = await process.StandardError.ReadToEndAsync(timeout.Token);
        await process.WaitForExitAsync(timeout.Token);
        Assert.True(process.ExitCode == 0, $"{line} exited with {process.ExitCode}. {said} {errors}");
    }

    private static async Task<HttpClient> AuthorAsync(Scenario s, ServiceProcess desk)
    {
        var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = desk.Address };
        client.DefaultRequestHeaders.Add("X-Consul-Token", await s.TokenAsync(TokenRules.Editor));
        return client;
    }

    private static async Task<(HttpStatusCode Status, JsonElement Body)> PutAsync(
        HttpClient client, string document, string query)
    {
        using var content = new StringContent(document);
        using var answer = await client.PutAsync($"/v1/documents/{Orders}{query}", content);
        var text = await answer.Content.ReadAsStringAsync();
        return (answer.StatusCode, JsonDocument.Parse(text).RootElement);
    }

    private static Task HasHistoryAsync(DeskClient desk, int revisions) => Eventually.TrueAsync(
        async () => (await desk.GetAsync($"/v1/documents/{Orders}/history")).GetProperty("entries").GetArrayLength() == revisions,
        $"{revisions} revision(s) in the history");

    /// <summary>The last thirty calls begun went to one backend alone.</summary>
    private static async Task SettleAsync(IReadOnlyList<Load> loads, string backend)
    {
        foreach (var load in loads)
        {
            var since = load.Now;
            await Eventually.TrueAsync(
                () => load.Calls.Where(c => c.Start > since).ToArray() is { Length: >= 30 } calls &&
                      calls.OrderBy(c => c.Start).TakeLast(30).All(c => Is(c, backend)),
                $"calls to {backend} alone");
        }
    }

    private static bool Is(LoadCall call, string backend) => call.Answer.Split('\n')[^1] == backend;
}
