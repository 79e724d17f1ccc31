using Mesh.Scenarios.Tests.Support;
using Mesh.Testing;
using Xunit.Abstractions;

namespace Mesh.Scenarios.Tests.Herds;

/// <summary>An agent accepts so many connections from one address, 200 by default, and closes the rest.</summary>
public sealed class AgentLimitTests(ITestOutputHelper output)
{
    private const string LimitLine = "agent accepts no more connections from this machine's address";

    [Fact]
    public Task Herd_TwentyClientsOfThirtyServices_StaysBelowTheAgentsLimit() => Scenario.RunAsync(
        output,
        async s =>
        {
            var backend = await s.StartBackendAsync("a");
            var names = await Herd.RegisterAsync(s, 30, backend.Port);
            var herd = new Herd(s);

            await herd.StartAsync(processes: 6, callers: 14, names);
            var ready = await herd.ReadyAsync();
            await herd.KnowsAsync(30);
            var most = Connections.To(s.Consul.Address.Port);

            await s.Operator.FailCheckAsync("s7-1");
            var changed = await herd.KnowsAsync(29);
            most = Math.Max(most, Connections.To(s.Consul.Address.Port));

            // Two whole intervals of the agent's metrics, so that one of them has nothing of the start.
            await Task.Delay(TimeSpan.FromSeconds(21));
            var requests = await AgentMetrics.RequestsAsync(s.Consul);
            most = Math.Max(most, Connections.To(s.Consul.Address.Port));

            s.Figure("pids", herd.Processes.Select(p => p.Id));
            s.Figure("readySeconds", ready.TotalSeconds);
            s.Figure("changeSeconds", changed.TotalSeconds);
            s.Figure("connections", most);
            s.Figure("idleRequestsPerSecond", requests / 10.0);
            Assert.InRange(most, 20, 190);
            Assert.True(changed < TimeSpan.FromSeconds(5), $"The change took {changed}.");
            Assert.All(herd.Lines(LimitLine), lines => Assert.Equal(0, lines));

            // Of each: thirty services a minute, and a heartbeat a second of the six processes.
            Assert.InRange(requests / 10.0, 1, 60);
        });

    [Fact]
    public Task Herd_MoreThanTheAgentTakes_IsNamedAndSharedAndHarmsNobody() => Scenario.RunAsync(
        output,
        async s =>
        {
            var backend = await s.StartBackendAsync("a");
            var names = await Herd.RegisterAsync(s, 12, backend.Port);
            var member = await s.StartServiceAsync("member", "member-1");
            var herd = new Herd(s);
            var first = await s.StartCallerAsync();
            var load = s.StartLoad(first, "http://s0/");
            await load.AfterAsync(50);

            // 8 x (12 watches and one of KV): more than 60.
            await herd.StartAsync(processes: 0, callers: 8, names);
            await herd.KnowsAsync(12);
            var named = await Eventually.TrueAsync(() => herd.Lines(LimitLine).Sum() > 0, "the limit to be named");
            await s.Operator.FailCheckAsync("s7-1");
            var changed = await herd.KnowsAsync(11);
            await load.AfterAsync(200);
            await load.StopAsync();

            s.Figure("namedSeconds", named.TotalSeconds);
            s.Figure("changeSeconds", changed.TotalSeconds);
            s.Figure("connections", Connections.To(s.Consul.Address.Port));
            Assert.True(load.Failed.Count == 0, load.Describe());
            Assert.All(herd.Lines(LimitLine), lines => Assert.InRange(lines, 0, 1));
            var said = string.Concat(herd.Callers.Select(c => c.Log));
            Assert.Contains("limits.http_max_conns_per_client", said, StringComparison.Ordinal);
            Assert.Contains("Mesh:Consul:MaxBlockingQueries", said, StringComparison.Ordinal);
            Assert.False(member.HasExited);
            Assert.Equal("passing", await s.Operator.AgentCheckAsync("member-1"));
        },
        new ConsulAgentOptions { ExtraConfig = "limits { http_max_conns_per_client = 60 }" });

    [Fact]
    public Task Herd_SixtyColdClients_AskNoMoreThanTheyNeedAndAreReadyTogether() => Scenario.RunAsync(
        output,
        async s =>
        {
            const int clients = 60;
            var backend = await s.StartBackendAsync("a");
            var names = await Herd.RegisterAsync(s, 30, backend.Port);
            await using var proxy = await ConsulProxy.StartAsync(s.Consul);
            var asked = 0;
            proxy.Play(_ =>
            {
                Interlocked.Increment(ref asked);
                return Task.FromResult(false);
            });
            var herd = new Herd(s);

            await herd.StartAsync(0, clients, names, o => o.Consul.Address = proxy.Address);
            var ready = await herd.ReadyAsync();
            await herd.KnowsAsync(30);

            // Each question passes the player twice. 30 services, the list of checks, KV, its leader and datacenter, the
            // token's permissions; half as much again for what changes while it starts.
            var each = asked / 2.0 / clients;
            s.Figure("readySeconds", ready.TotalSeconds);
            s.Figure("questionsPerClient", each);
            Assert.InRange(each, 30, 60);
        });
}
