using System.Text;
using Mesh.Testing;

namespace Mesh.Consul.Tests;

public sealed class AgentWatchTests
{
    /// <summary>
    /// Measured in milliseconds; the bound is for busy machines, and still far below any pause of a paced watch.
    /// </summary>
    private static readonly TimeSpan Prompt = TimeSpan.FromSeconds(5);

    private static CancellationToken None => CancellationToken.None;

    [Fact]
    public async Task Keys_ChangedAgainAndAgain_EachShowsPromptly()
    {
        await using var agent = await ConsulAgent.StartAsync();
        using var client = ClientOf(agent);
        await using var watch = KeysOf(client, new BlockingQueryOptions { Priority = true });
        Assert.Equal(BlockingQueryTransition.First, (await watch.Observer.NextResultAsync()).Transition);

        for (var i = 0; i < 15; i++)
        {
            var written = TimeProvider.System.GetTimestamp();
            await client.PutKeyAsync("mesh/policy/global", Encoding.UTF8.GetBytes($"{i}"), null, None);

            await watch.Observer.NextResultAsync(
                r => r.Value.Any(e => Encoding.UTF8.GetString(e.Value.Span) == $"{i}"));
            Assert.InRange(TimeProvider.System.GetElapsedTime(written), TimeSpan.Zero, Prompt);
        }
    }

    [Fact]
    public async Task Instance_ComingAndGoing_ShowsPromptly()
    {
        await using var agent = await ConsulAgent.StartAsync();
        using var client = ClientOf(agent);
        await using var watch = new RunningWatch<ServiceHealth[]>(
            client, (query, token) => client.GetServiceHealthAsync("orders", query, token));
        Assert.Empty((await watch.Observer.NextResultAsync()).Response!.Value);

        var changed = TimeProvider.System.GetTimestamp();
        await client.RegisterServiceAsync(new ServiceRegistration { Id = "o1", Name = "orders", Port = 1 }, None);
        await watch.Observer.NextResultAsync(r => r.Value.Length == 1);
        Assert.InRange(TimeProvider.System.GetElapsedTime(changed), TimeSpan.Zero, Prompt);

        changed = TimeProvider.System.GetTimestamp();
        await client.DeregisterServiceAsync("o1", None);
        var gone = await watch.Observer.NextResultAsync(r => r.Value.Length == 0);
        Assert.InRange(TimeProvider.System.GetElapsedTime(changed), TimeSpan.Zero, Prompt);
        Assert.Equal(BlockingQueryTransition.None, gone.Transition);
    }

    [Fact]
    public async Task Agent_Killed_IsNoticedAtOnceAndItsNewHistoryIsTold()
    {
        await using var agent = await ConsulAgent.StartAsync();
        using var client = ClientOf(agent);
        for (var i = 0; i < 60; i++)
        {
            await client.PutKeyAsync($"mesh/{i}", default, null, None);
        }

        await using var watch = KeysOf(client, new BlockingQueryOptions());
        Assert.Equal(60, (await watch.Observer.NextResultAsync()).Response!.Value.Length);

        var killed = TimeProvider.System.GetTimestamp();
        await agent.KillAsync();
        Assert.NotNull((await watch.Observer.NextAsync()).Error);
        Assert.InRange(TimeProvider.System.GetElapsedTime(killed), TimeSpan.Zero, Prompt);

        await agent.RestartAsync();
        var heard = await watch.Observer.NextResultAsync();
        Assert.Equal(BlockingQueryTransition.IndexRegressed, heard.Transition);
        Assert.True(heard.Response!.NotFound);
        await client.PutKeyAsync("mesh/new", default, null, None);
        Assert.Equal(
            BlockingQueryTransition.None,
            (await watch.Observer.NextResultAsync(r => r.Value.Length == 1)).Transition);
    }

    [Fact]
    public async Task Agent_Hung_IsAFailureAndRecoversByItself()
    {
        await using var agent = await ConsulAgent.StartAsync();
        using var client = ClientOf(agent);
        await using var watch = KeysOf(
            client,
            new BlockingQueryOptions { Wait = TimeSpan.FromSeconds(1), HangMargin = TimeSpan.FromSeconds(1) });
        await watch.Observer.NextResultAsync();

        agent.Pause();
        RecordingObserver<KvEntry[]>.Event heard;
        do
        {
            heard = await watch.Observer.NextAsync();
        }
        while (heard.Error is null);

        Assert.IsType<ConsulException>(heard.Error);
        agent.Resume();
        Assert.Equal(BlockingQueryTransition.Recovered, (await watch.Observer.NextResultAsync()).Transition);
    }

    [Fact]
    public async Task Token_Deleted_IsAPermissionFailureUntilTheFileHoldsANewOne()
    {
        const string rules = """key_prefix "mesh/" { policy = "write" }""";
        using var folder = new TemporaryFolder();
        await using var agent = await ConsulAgent.StartAsync(new ConsulAgentOptions { AclDefaultDeny = true });
        var first = await agent.CreateTokenAsync(rules);
        using var client = new ConsulClient(new ConsulClientOptions
        {
            Address = agent.Address.AbsoluteUri,
            TokenFile = folder.Write("token", first),
        });
        await client.PutKeyAsync("mesh/a", default, null, None);
        var denied = await Assert.ThrowsAsync<ConsulException>(
            () => client.PutKeyAsync("other/a", default, null, None));
        Assert.True(denied.IsPermissionDenied);
        await using var watch = KeysOf(client, new BlockingQueryOptions { Wait = TimeSpan.FromSeconds(1) });
        await watch.Observer.NextResultAsync();

        await agent.DeleteTokenAsync(first);
        RecordingObserver<KvEntry[]>.Event heard;
        do
        {
            heard = await watch.Observer.NextAsync();
        }
        while (heard.Error is null);

        var error = Assert.IsType<ConsulException>(heard.Error);
        Assert.True(error.IsPermissionDenied, error.Message);
        Assert.DoesNotContain(first, error.Message, StringComparison.Ordinal);

        folder.Write("token", await agent.CreateTokenAsync(rules));
        var recovered = await watch.Observer.NextResultAsync();
        Assert.Equal(
            (BlockingQueryTransition.Recovered, 1), (recovered.Transition, recovered.Response!.Value.Length));
    }

    [Fact]
    public async Task MoreWatchesThanSlots_AllHearOfAChange()
    {
        await using var agent = await ConsulAgent.StartAsync();
        using var client = new ConsulClient(new ConsulClientOptions
        {
            Address = agent.Address.AbsoluteUri, MaxBlockingQueries = 2,
        });
        var watches = Enumerable.Range(0, 5).Select(_ => KeysOf(client, new BlockingQueryOptions())).ToArray();
        foreach (var watch in watches)
        {
            await watch.Observer.NextResultAsync();
        }

        await client.PutKeyAsync("mesh/a", default, null, None);

        foreach (var watch in watches)
        {
            await watch.Observer.NextResultAsync(r => r.Value.Length == 1);
            await watch.DisposeAsync();
        }
    }

    private static ConsulClient ClientOf(ConsulAgent agent) =>
        new(new ConsulClientOptions { Address = agent.Address.AbsoluteUri });

    private static RunningWatch<KvEntry[]> KeysOf(ConsulClient client, BlockingQueryOptions options) =>
        new(client, (query, token) => client.ListKeysAsync("mesh/", query, token), options);
}
