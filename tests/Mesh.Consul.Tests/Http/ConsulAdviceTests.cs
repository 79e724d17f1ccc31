using System.Net;
using Microsoft.AspNetCore.Http;

namespace Mesh.Consul.Tests;

public sealed class ConsulAdviceTests
{
    private static readonly HttpMethod Get = HttpMethod.Get;

    [Theory]
    [InlineData("Permission denied: Missing service:write on orders", """service "orders" { policy = "write" }""")]
    [InlineData(
        """Permission denied: token with AccessorID 'x' lacks permission 'service:write' on "orders" in namespace "a" """,
        """service "orders" { policy = "write" }""")]
    [InlineData("Permission denied: anonymous token lacks permission 'node:read' on \"n1\"", """node "n1" { policy = "read" }""")]
    public void MissingRule_NamedByConsul_IsWhatAnOperatorWouldWrite(string words, string rule) =>
        Assert.Equal(rule, ConsulAdvice.MissingRule(HttpMethod.Put, Uri("agent/service/register"), words));

    [Fact]
    public void MissingRule_OfKeys_FollowsFromWhatWasAsked()
    {
        const string words = "Permission denied";
        Assert.Equal(
            """key "mesh/a b" { policy = "read" }""", ConsulAdvice.MissingRule(Get, Uri("kv/mesh/a%20b?dc=x"), words));
        Assert.Equal(
            """key_prefix "mesh/" { policy = "list" }""",
            ConsulAdvice.MissingRule(Get, Uri("kv/mesh/?recurse&stale"), words));
        Assert.Equal(
            """key "mesh/a" { policy = "write" }""", ConsulAdvice.MissingRule(HttpMethod.Put, Uri("kv/mesh/a"), words));
        Assert.Equal(
            """key_prefix "mesh/" { policy = "write" }""",
            ConsulAdvice.MissingRule(HttpMethod.Delete, Uri("kv/mesh/?recurse"), words));
        Assert.Null(ConsulAdvice.MissingRule(Get, Uri("health/service/orders"), words));
        Assert.Null(ConsulAdvice.MissingRule(Get, Uri("kv/mesh/a"), "ACL not found"));
    }

    [Fact]
    public async Task Refused_UnknownToken_SaysWhereTheTokenIsFromAndNeverTheToken()
    {
        using var folder = new TemporaryFolder();
        var file = folder.File("token");
        await File.WriteAllTextAsync(file, "secret-token");
        await using var consul = await FakeConsul.StartAsync("ACL not found", status: 403);
        using var client = consul.Client(configure: o => o.TokenFile = file);

        var error = await Assert.ThrowsAsync<ConsulException>(
            () => client.GetServiceHealthAsync("orders", ConsulQuery.None, CancellationToken.None));

        Assert.True(error.IsTokenUnknown);
        Assert.Null(error.MissingRule);
        Assert.Contains($"from the file '{file}'", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-token", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refused_ByARealAgent_SaysWhichRuleToAdd()
    {
        await using var agent = await Mesh.Testing.ConsulAgent.StartAsync(new() { AclDefaultDeny = true });
        var token = await agent.CreateTokenAsync("""service "other" { policy = "read" }""");
        using var client = new ConsulClient(new ConsulClientOptions { Address = agent.Address.ToString(), Token = token });

        var registering = await Assert.ThrowsAsync<ConsulException>(() => client.RegisterServiceAsync(
            new ServiceRegistration { Id = "o1", Name = "orders", Port = 1 }, CancellationToken.None));
        var reading = await Assert.ThrowsAsync<ConsulException>(
            () => client.GetKeyAsync("mesh/policy/global", ConsulQuery.None, CancellationToken.None));

        Assert.Equal("""service "orders" { policy = "write" }""", registering.MissingRule);
        Assert.Equal("""key "mesh/policy/global" { policy = "read" }""", reading.MissingRule);
        Assert.EndsWith(reading.MissingRule, reading.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FindMissing_OnARealAgent_TellsHiddenFromAbsentForAnyNumber()
    {
        await using var agent = await Mesh.Testing.ConsulAgent.StartAsync(new() { AclDefaultDeny = true });
        var token = await agent.CreateTokenAsync("""service_prefix "s" { policy = "read" } key_prefix "mesh/" { policy = "list" }""");
        using var client = new ConsulClient(new ConsulClientOptions { Address = agent.Address.ToString(), Token = token });
        List<ConsulPermission> needed = [.. Enumerable.Range(0, 100).Select(i => new ConsulPermission("service", "read", $"s{i}"))];
        needed.Add(new ConsulPermission("service", "read", "orders"));
        needed.Add(new ConsulPermission("node", "read", ""));
        needed.Add(new ConsulPermission("key", "list", "mesh/"));

        var missing = await client.FindMissingAsync(needed, datacenter: null, CancellationToken.None);

        Assert.Equal(
            ["""service "orders" { policy = "read" }""", """node_prefix "" { policy = "read" }"""],
            missing!.Select(p => p.Rule));
        using var unknown = new ConsulClient(
            new ConsulClientOptions { Address = agent.Address.ToString(), Token = Guid.NewGuid().ToString() });
        var error = await Assert.ThrowsAsync<ConsulException>(
            () => unknown.FindMissingAsync(needed, null, CancellationToken.None));
        Assert.True(error.IsTokenUnknown);
    }

    [Fact]
    public async Task FindMissing_WithoutAcls_MissesNothing()
    {
        await using var agent = await Mesh.Testing.ConsulAgent.StartAsync();
        using var client = new ConsulClient(new ConsulClientOptions { Address = agent.Address.ToString() });

        Assert.Empty((await client.FindMissingAsync(
            [new ConsulPermission("service", "read", "orders")], null, CancellationToken.None))!);
    }

    [Theory]
    [InlineData(404)]
    [InlineData(405)]
    [InlineData(403)]
    public async Task FindMissing_WhereTheQuestionIsNotKnown_CannotTell(int status)
    {
        await using var consul = await FakeConsul.StartAsync("no", status);
        using var client = consul.Client();

        Assert.Null(await client.FindMissingAsync(
            [new ConsulPermission("service", "read", "orders")], null, CancellationToken.None));
    }

    [Fact]
    public async Task Answer_FilteredByANewerConsul_SaysSo()
    {
        await using var consul = await FakeConsul.StartAsync(context =>
        {
            context.Response.Headers["X-Consul-Index"] = "7";
            context.Response.Headers["X-Consul-Results-Filtered-By-ACLs"] = context.Request.Path.Value!.EndsWith('a') ? "true" : "false";
            return context.Response.WriteAsync("[]");
        });
        using var client = consul.Client();

        Assert.True((await client.GetServiceHealthAsync("a", ConsulQuery.None, CancellationToken.None)).FilteredByAcls);
        Assert.False((await client.GetServiceHealthAsync("b", ConsulQuery.None, CancellationToken.None)).FilteredByAcls);
    }

    [Fact]
    public async Task TokenChanges_CountsAnotherTokenInTheFile()
    {
        using var folder = new TemporaryFolder();
        var file = folder.File("token");
        await File.WriteAllTextAsync(file, "one");
        var time = new FakeClock();
        await using var consul = await FakeConsul.StartAsync("[]");
        using var client = consul.Client(time, o => o.TokenFile = file);

        await ReadAsync();
        Assert.Equal(0, client.TokenChanges);
        await File.WriteAllTextAsync(file, "two");
        await ReadAsync();
        await ReadAsync();
        Assert.Equal(1, client.TokenChanges);

        async Task ReadAsync()
        {
            time.Advance(TimeSpan.FromSeconds(2));
            await client.GetServiceHealthAsync("a", ConsulQuery.None, CancellationToken.None);
        }
    }

    private static Uri Uri(string path) => new($"http://127.0.0.1:8500/v1/{path}");
}
