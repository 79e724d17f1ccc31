using System.Net.Http.Json;
using Mesh.Testing;

namespace Mesh.Consul.Tests;

/// <summary>Who may call whom, read from a real agent; 1.8 does not tell at which index it answers.</summary>
public sealed class IntentionTests(AgentFixture fixture) : IClassFixture<AgentFixture>
{
    private readonly ConsulClient _client = fixture.Client;

    private static CancellationToken None => CancellationToken.None;

    [Fact]
    public async Task Intentions_OfADestination_HaveItsOwnAndThoseOfAll_WithAnIndex()
    {
        await PutAsync(fixture.Agent, "web", "match-a", "allow");
        await PutAsync(fixture.Agent, "*", "match-a", "deny");
        await PutAsync(fixture.Agent, "match-web", "*", "deny");
        await PutAsync(fixture.Agent, "web", "match-b", "allow");

        var answer = await _client.GetIntentionsToAsync("match-a", ConsulQuery.None, None);

        Assert.True(answer.Index > 0);
        Assert.True(answer.KnownLeader);
        Assert.Equal(
            [("*", "match-a", IntentionAction.Deny), ("match-web", "*", IntentionAction.Deny), ("web", "match-a", IntentionAction.Allow)],
            answer.Value.Where(i => i.DestinationName == "match-a" || i.SourceName == "match-web")
                .Select(i => (i.SourceName, i.DestinationName, i.Action)).Order());
        Assert.All(answer.Value, i => Assert.Equal(
            (Intention.Default, Intention.Default, null), (i.SourceNamespace, i.SourcePartition, i.SourcePeer)));
        Assert.All(answer.Value, i => Assert.True(i.ModifyIndex > 0));
        Assert.NotNull(answer.Fingerprint);
    }

    [Fact]
    public async Task Read_ThatBlocks_EndsWithTheChangeItMissed()
    {
        var before = await _client.GetIntentionsToAsync("block-a", ConsulQuery.None, None);
        var query = new ConsulQuery { Index = before.Index, Wait = TimeSpan.FromMinutes(1) };
        var blocked = _client.GetIntentionsToAsync("block-a", query, None);
        Assert.False(blocked.IsCompleted);

        await PutAsync(fixture.Agent, "web", "block-a", "deny");
        var after = await blocked.WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal(["web"], after.Value.Where(i => i.DestinationName == "block-a").Select(i => i.SourceName));
        Assert.True(after.Index > before.Index);
    }

    [Fact]
    public async Task Read_WhoseWaitPasses_AnswersTheSameIndex()
    {
        var before = await _client.GetIntentionsToAsync("still-a", ConsulQuery.None, None);
        while (true)
        {
            var query = new ConsulQuery { Index = before.Index, Wait = TimeSpan.FromSeconds(1) };
            var after = await _client.GetIntentionsToAsync("still-a", query, None);
            if (after.Index == before.Index)
            {
                Assert.Equal(before.Fingerprint, after.Fingerprint);
                return;
            }

            // Another test of the class wrote meanwhile.
            before = after;
        }
    }

    [Fact]
    public async Task Check_TellsConsulsOwnVerdict()
    {
        await PutAsync(fixture.Agent, "web", "check-a", "deny");

        Assert.False(await _client.CheckIntentionAsync("web", "check-a", None));
        Assert.True(await _client.CheckIntentionAsync("nobody", "check-a", None));
    }

    [Fact]
    public async Task Token_ThatMayNotRead_IsRefused_AndTheRuleIsNamed()
    {
        await using var agent = await ConsulAgent.StartAsync(new ConsulAgentOptions { AclDefaultDeny = true });
        await PutAsync(agent, "web", "orders", "deny");
        using var blind = await ClientAsync(agent, """service "orders" { policy = "write" intentions = "deny" }""");
        using var stranger = await ClientAsync(agent, """service "other" { policy = "read" }""");
        using var reader = await ClientAsync(agent, """service "orders" { policy = "read" }""");

        foreach (var client in new[] { blind, stranger })
        {
            var error = await Assert.ThrowsAsync<ConsulException>(
                () => client.GetIntentionsToAsync("orders", ConsulQuery.None, None));
            Assert.True(error.IsPermissionDenied);
            Assert.Equal("""service "orders" { policy = "read" intentions = "read" }""", error.MissingRule);
        }

        // Whoever may read the service may read what is said about its callers, and ask for a verdict.
        Assert.Single((await reader.GetIntentionsToAsync("orders", ConsulQuery.None, None)).Value);
        Assert.False(await reader.CheckIntentionAsync("nobody", "orders", None));
        Assert.Empty(
            (await reader.FindMissingAsync([new ConsulPermission("intention", "read", "orders")], null, None))!);
        Assert.Single(
            (await blind.FindMissingAsync([new ConsulPermission("intention", "read", "orders")], null, None))!);
    }

    private static async Task<ConsulClient> ClientAsync(ConsulAgent agent, string rules) => new(new ConsulClientOptions
    {
        Address = agent.Address.ToString(),
        Token = await agent.CreateTokenAsync(rules),
    });

    private static async Task PutAsync(ConsulAgent agent, string source, string destination, string action)
    {
        using var client = new HttpClient();
        client.BaseAddress = agent.Address;
        client.DefaultRequestHeaders.Add("X-Consul-Token", agent.ManagementToken ?? "");
        using var answer = await client.PostAsJsonAsync(
            "/v1/connect/intentions", new { SourceName = source, DestinationName = destination, Action = action });
        answer.EnsureSuccessStatusCode();
    }
}
