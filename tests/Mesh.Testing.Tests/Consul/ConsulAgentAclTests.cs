using System.Net;

namespace Mesh.Testing.Tests.Consul;

public sealed class ConsulAgentAclTests
{
    private const string Read = """key_prefix "a" { policy = "read" }""";
    private const string Write = """key_prefix "a" { policy = "write" }""";

    [Fact]
    public async Task Agent_WithDefaultDeny_RefusesAnonymousAndObeysTheManagementToken()
    {
        await using var agent = await ConsulAgent.StartAsync(new() { AclDefaultDeny = true });
        using var anonymous = Client.For(agent);
        using var management = Client.For(agent, agent.ManagementToken);

        Assert.Equal(HttpStatusCode.Forbidden, await PutAsync(anonymous));
        Assert.Equal(HttpStatusCode.OK, await PutAsync(management));
    }

    [Fact]
    public async Task Token_CreatedNarrowedDeleted_IsObeyedAtOnce()
    {
        await using var agent = await ConsulAgent.StartAsync(new() { AclDefaultDeny = true });
        var secret = await agent.CreateTokenAsync(Write);
        var other = await agent.CreateTokenAsync(Write);
        using var http = Client.For(agent, secret);
        using var untouched = Client.For(agent, other);
        Assert.Equal(HttpStatusCode.OK, await PutAsync(http));

        await agent.UpdateTokenAsync(secret, Read);
        Assert.Equal(HttpStatusCode.Forbidden, await PutAsync(http));
        Assert.Equal("x", await http.GetStringAsync("/v1/kv/a?raw"));

        await agent.DeleteTokenAsync(secret);
        Assert.Equal(HttpStatusCode.Forbidden, (await http.GetAsync("/v1/kv/a?raw")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, await PutAsync(untouched));
        await Assert.ThrowsAsync<ArgumentException>(() => agent.UpdateTokenAsync(secret, Read));
    }

    [Fact]
    public async Task CreateToken_WithRulesConsulRefuses_ThrowsWithItsWords()
    {
        await using var agent = await ConsulAgent.StartAsync(new() { AclDefaultDeny = true });

        var failure = await Assert.ThrowsAsync<ConsulAgentException>(() => agent.CreateTokenAsync("nonsense {"));

        Assert.Contains("/v1/acl/policy", failure.Message, StringComparison.Ordinal);
        Assert.Contains("pars", failure.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task CreateToken_WithoutAcls_SaysWhatIsMissing()
    {
        await using var agent = await ConsulAgent.StartAsync();

        Assert.Null(agent.ManagementToken);
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => agent.CreateTokenAsync(Read));
        Assert.Contains("AclDefaultDeny", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Restart_WithDataFolder_KeepsTokensAndTheManagementToken()
    {
        using var folder = new TemporaryFolder();
        var token = Guid.NewGuid().ToString();
        await using var agent = await ConsulAgent.StartAsync(
            new() { AclDefaultDeny = true, ManagementToken = token, DataFolder = folder.Path });
        using var http = Client.For(agent, await agent.CreateTokenAsync(Write));

        await agent.KillAsync();
        await agent.RestartAsync();

        Assert.Equal(token, agent.ManagementToken);
        Assert.Equal(HttpStatusCode.OK, await PutAsync(http));
    }

    [Fact]
    public async Task Restart_InMemory_MakesTheTokensAgain()
    {
        await using var agent = await ConsulAgent.StartAsync(new() { AclDefaultDeny = true });
        var secret = await agent.CreateTokenAsync(Write);
        var deleted = await agent.CreateTokenAsync(Write);
        await agent.UpdateTokenAsync(secret, Read);
        await agent.DeleteTokenAsync(deleted);
        using var http = Client.For(agent, secret);
        using var gone = Client.For(agent, deleted);

        await agent.KillAsync();
        await agent.RestartAsync();

        Assert.Equal(HttpStatusCode.Forbidden, await PutAsync(http));
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync("/v1/kv/a")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await gone.GetAsync("/v1/kv/a")).StatusCode);
        await agent.UpdateTokenAsync(secret, Write);
        Assert.Equal(HttpStatusCode.OK, await PutAsync(http));
    }

    [Fact]
    public async Task JoinWan_WithAcls_OneTokenWorksInBothDatacenters()
    {
        await using var one = await ConsulAgent.StartAsync(new() { AclDefaultDeny = true });
        await using var two = await ConsulAgent.StartAsync(
            new() { Datacenter = "dc2", AclDefaultDeny = true, JoinWan = one });
        using var http = Client.For(two, two.ManagementToken);

        Assert.Equal(one.ManagementToken, two.ManagementToken);
        Assert.Equal(HttpStatusCode.OK, await PutAsync(http, "?dc=dc1"));
        Assert.Equal(HttpStatusCode.OK, await PutAsync(http, "?dc=dc2"));
    }

    private static async Task<HttpStatusCode> PutAsync(HttpClient http, string query = "")
    {
        using var response = await http.PutAsync("/v1/kv/a" + query, new StringContent("x"));
        return response.StatusCode;
    }
}
