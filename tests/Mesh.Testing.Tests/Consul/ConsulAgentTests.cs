using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Mesh.Testing.Tests.Consul;

public sealed class ConsulAgentTests
{
    [Fact]
    public async Task Agent_Started_TakesWritesAndKnowsItself()
    {
        await using var agent = await ConsulAgent.StartAsync();
        using var http = Client.For(agent);

        await http.PutOkAsync("/v1/kv/greeting", "hello");

        Assert.Equal("hello", await http.GetStringAsync("/v1/kv/greeting?raw"));
        Assert.Equal("dc1", agent.Datacenter);
        Assert.Matches(@"^\d+\.\d+\.\d+", agent.Version);
        Assert.Contains($"HTTP: {agent.Address.Port}", agent.Log, StringComparison.Ordinal);
        Assert.True(agent.IsRunning);
        Assert.True(Processes.IsAlive(agent.ProcessId));
        Assert.Equal(["greeting"], await http.GetFromJsonAsync<string[]>("/v1/kv/?keys") ?? []);
    }

    [Fact]
    public async Task Agent_Disposed_LeavesNoProcess()
    {
        var agent = await ConsulAgent.StartAsync();
        var id = agent.ProcessId;

        await agent.DisposeAsync();
        await agent.DisposeAsync();

        Assert.False(agent.IsRunning);
        Assert.False(Processes.IsAlive(id));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => agent.RestartAsync());
    }

    [Fact]
    public async Task Agents_StartedTogether_ShareNothing()
    {
        var agents = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => ConsulAgent.StartAsync()));

        Assert.Equal(3, agents.Select(a => a.Address).Distinct().Count());
        foreach (var agent in agents)
        {
            await agent.DisposeAsync();
        }
    }

    [Fact]
    public async Task Stop_RunningAgent_EndsItByItselfAndRefusesCalls()
    {
        await using var agent = await ConsulAgent.StartAsync();
        using var http = Client.For(agent);

        await agent.StopAsync();

        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetStringAsync("/v1/status/leader"));
        Assert.Contains("shutdown complete", agent.Log, StringComparison.Ordinal);
        Assert.False(Processes.IsAlive(agent.ProcessId));
        Assert.Throws<InvalidOperationException>(agent.Pause);
    }

    [Fact]
    public async Task Stop_PausedAgent_EndsIt()
    {
        await using var agent = await ConsulAgent.StartAsync();
        agent.Pause();

        await agent.StopAsync();

        Assert.Contains("shutdown complete", agent.Log, StringComparison.Ordinal);
        Assert.False(Processes.IsAlive(agent.ProcessId));
    }

    [Fact]
    public async Task Kill_PausedAgent_EndsIt()
    {
        await using var agent = await ConsulAgent.StartAsync();
        agent.Pause();

        await agent.KillAsync();

        Assert.DoesNotContain("shutdown complete", agent.Log, StringComparison.Ordinal);
        Assert.False(Processes.IsAlive(agent.ProcessId));
    }

    [Fact]
    public async Task Pause_ThenResume_HangsThenAnswers()
    {
        await using var agent = await ConsulAgent.StartAsync();
        using var http = Client.For(agent);

        agent.Pause();
        var call = http.GetStringAsync("/v1/status/leader");
        Assert.Equal('T', Processes.State(agent.ProcessId));
        agent.Resume();

        Assert.Contains("127.0.0.1", await call, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Restart_AgentInMemory_SameAddressAndEmpty()
    {
        await using var agent = await ConsulAgent.StartAsync();
        using var http = Client.For(agent);
        await http.PutOkAsync("/v1/kv/a", "1");
        var (address, id) = (agent.Address, agent.ProcessId);

        await agent.RestartAsync();

        Assert.Equal(address, agent.Address);
        Assert.NotEqual(id, agent.ProcessId);
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync("/v1/kv/a")).StatusCode);
    }

    [Fact]
    public async Task Restart_AfterKillWithDataFolder_KeepsKvAndCatalog()
    {
        using var folder = new TemporaryFolder();
        await using var agent = await ConsulAgent.StartAsync(new() { DataFolder = folder.Path });
        using var http = Client.For(agent);
        await http.PutOkAsync("/v1/kv/a", "1");
        await http.PutOkAsync(
            "/v1/catalog/register",
            """{"Node":"outside","Address":"10.0.0.1","Service":{"Service":"orders","Port":80}}""");

        await agent.KillAsync();
        Assert.False(agent.IsRunning);
        await agent.RestartAsync();

        Assert.Equal("1", await http.GetStringAsync("/v1/kv/a?raw"));
        Assert.Contains("10.0.0.1", await http.GetStringAsync("/v1/catalog/service/orders"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ExtraConfig_Given_WinsOverOurs()
    {
        await using var agent = await ConsulAgent.StartAsync(new() { ExtraConfig = """{"node_name":"mine"}""" });
        using var http = Client.For(agent);

        Assert.Contains("\"mine\"", await http.GetStringAsync("/v1/catalog/nodes"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task JoinWan_TwoDatacenters_EachReadsTheOther()
    {
        await using var one = await ConsulAgent.StartAsync(new() { Datacenter = "dc1" });
        await using var two = await ConsulAgent.StartAsync(new() { Datacenter = "dc2", JoinWan = one });
        using var first = Client.For(one);
        using var second = Client.For(two);
        await first.PutOkAsync("/v1/kv/where", "one");
        await second.PutOkAsync("/v1/kv/where", "two");

        Assert.Equal("two", await first.GetStringAsync("/v1/kv/where?raw&dc=dc2"));
        Assert.Equal("one", await second.GetStringAsync("/v1/kv/where?raw&dc=dc1"));
    }

    [Fact]
    public async Task JoinWanAddress_OfAnotherAgent_KnowsBothDatacenters()
    {
        await using var one = await ConsulAgent.StartAsync();
        await using var two = await ConsulAgent.StartAsync(
            new() { Datacenter = "dc2", JoinWanAddress = $"127.0.0.1:{one.SerfWanPort}" });
        using var second = Client.For(two);

        using var known = JsonDocument.Parse(await second.GetStringAsync("/v1/catalog/datacenters"));

        Assert.Equal(["dc1", "dc2"], known.RootElement.EnumerateArray().Select(d => d.GetString()).Order());
    }
}
