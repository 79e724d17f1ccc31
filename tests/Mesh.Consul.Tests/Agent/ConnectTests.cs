using System.Security.Cryptography.X509Certificates;
using Mesh.Testing;

namespace Mesh.Consul.Tests;

/// <summary>Connect's authority: what a real agent answers, and what it answers when it may or can not.</summary>
public sealed class ConnectTests
{
    [Fact]
    public async Task LeafAndRoots_OfARealAgent_BelongTogether_AndFollowARotation()
    {
        await using var agent = await ConsulAgent.StartAsync(new() { Connect = true });
        using var client = ClientOf(agent);

        var roots = await client.GetConnectRootsAsync(ConsulQuery.None, default);
        var leaf = await client.GetConnectLeafAsync("orders", ConsulQuery.None, default);

        Assert.EndsWith(".consul", roots.Value.TrustDomain, StringComparison.Ordinal);
        Assert.Equal(roots.Value.ActiveRootId, Assert.Single(roots.Value.Roots).Id);
        Assert.Equal($"spiffe://{roots.Value.TrustDomain}/ns/default/dc/dc1/svc/orders", leaf.Value.ServiceUri);
        Assert.Equal(leaf.Value.ServiceUri, leaf.Value.ToString());
        using var certificate = X509Certificate2.CreateFromPem(leaf.Value.CertificatePem, leaf.Value.PrivateKeyPem);
        Assert.True(certificate.HasPrivateKey);
        Assert.True(roots.Index > 0 && leaf.Index > 0);

        // The read blocks until the new root is there. The agent takes up to half a minute for a new leaf: see
        // Mesh.Client.
        var nextRoots = client.GetConnectRootsAsync(Blocking(roots.Index), default);
        await agent.RotateRootAsync();

        var after = (await nextRoots).Value;
        Assert.NotEqual(roots.Value.ActiveRootId, after.ActiveRootId);
        Assert.Contains(roots.Value.ActiveRootId, after.Roots.Select(r => r.Id));
    }

    [Fact]
    public async Task Leaf_WithoutTheRight_NamesTheRule_AndRootsNeedNone()
    {
        await using var agent = await ConsulAgent.StartAsync(new() { Connect = true, AclDefaultDeny = true });
        using var client = ClientOf(agent, await agent.CreateTokenAsync("""service "other" { policy = "write" }"""));

        var refused = await Assert.ThrowsAsync<ConsulException>(
            () => client.GetConnectLeafAsync("orders", ConsulQuery.None, default));

        Assert.True(refused.IsPermissionDenied);
        Assert.Equal("""service "orders" { policy = "write" }""", refused.MissingRule);
        Assert.Single((await client.GetConnectRootsAsync(ConsulQuery.None, default)).Value.Roots);
        Assert.NotNull((await client.GetConnectLeafAsync("other", ConsulQuery.None, default)).Value);
    }

    [Fact]
    public async Task AnAgentWithoutConnect_SaysSo()
    {
        await using var agent = await ConsulAgent.StartAsync();
        using var client = ClientOf(agent);

        var noRoots = await Assert.ThrowsAsync<ConsulException>(
            () => client.GetConnectRootsAsync(ConsulQuery.None, default));
        var noLeaf = await Assert.ThrowsAsync<ConsulException>(
            () => client.GetConnectLeafAsync("orders", ConsulQuery.None, default));

        Assert.True(noRoots.IsConnectDisabled && noLeaf.IsConnectDisabled);
        Assert.False(noLeaf.IsRateLimited || noLeaf.IsPermissionDenied);
    }

    [Theory]
    [InlineData(500, "rpc error making call: Rate limit reached, try again later", true)]
    [InlineData(429, "too many CSRs", true)]
    [InlineData(429, "Your IP is issuing too many concurrent connections, please rate limit your calls", false)]
    [InlineData(500, "No cluster leader", false)]
    public async Task AnAuthorityThatIsBusy_IsTold(int status, string words, bool limited)
    {
        await using var consul = await FakeConsul.StartAsync(words, status);
        using var client = consul.Client();

        var error = await Assert.ThrowsAsync<ConsulException>(
            () => client.GetConnectLeafAsync("orders", ConsulQuery.None, default));

        Assert.Equal(limited, error.IsRateLimited);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("""{"TrustDomain":"td.consul","Roots":null}""")]
    [InlineData("""{"TrustDomain":"","Roots":[{"ID":"a","RootCert":"pem"}]}""")]
    public async Task RootsWithNothingToTrust_AreNoAnswer(string body)
    {
        await using var consul = await FakeConsul.StartAsync(body);
        using var client = consul.Client();

        await Assert.ThrowsAsync<ConsulException>(() => client.GetConnectRootsAsync(ConsulQuery.None, default));
    }

    [Fact]
    public async Task ALeafThatCannotBeRead_IsAnErrorWithoutItsKey()
    {
        const string Planted = "planted-private-key";
        await using var consul = await FakeConsul.StartAsync($$"""{"CertPEM":"","PrivateKeyPEM":"{{Planted}}"}""");
        using var client = consul.Client();

        var error = await Assert.ThrowsAsync<ConsulException>(
            () => client.GetConnectLeafAsync("orders", ConsulQuery.None, default));

        Assert.DoesNotContain(Planted, error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Leaf_IsAskedOfTheAgentsOwnDatacenter()
    {
        var asked = "";
        await using var consul = await FakeConsul.StartAsync(context =>
        {
            asked = context.Request.QueryString.Value!;
            context.Response.StatusCode = 500;
            return Task.CompletedTask;
        });
        using var client = consul.Client(configure: o => o.Datacenter = "dc2");

        await Assert.ThrowsAsync<ConsulException>(() => client.GetConnectLeafAsync(
            "orders", new ConsulQuery { Datacenter = "dc3", Index = 5, Wait = TimeSpan.FromSeconds(9) }, default));

        Assert.Equal("?index=5&wait=9000ms", asked);
    }

    private static ConsulClient ClientOf(ConsulAgent agent, string? token = null) =>
        new(new ConsulClientOptions { Address = agent.Address.ToString(), Token = token ?? agent.ManagementToken });

    private static ConsulQuery Blocking(ulong index) => new() { Index = index, Wait = TimeSpan.FromMinutes(1) };
}
