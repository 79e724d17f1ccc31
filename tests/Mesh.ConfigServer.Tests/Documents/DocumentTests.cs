using System.Net;
using System.Text.Json;
using Mesh.AspNetCore.Tests.Support;
using Mesh.ConfigServer.Tests.Support;
using Mesh.Consul;
using Mesh.Policy;

namespace Mesh.ConfigServer.Tests.Documents;

[Collection(ConsulCollection.Name)]
public sealed class DocumentTests(ConsulCollection.Agent agent)
{
    private const string Orders = "policy/services/orders";
    private const string Global = "policy/global";

    private readonly Uri _consul = agent.Consul.Address;

    [Fact]
    public async Task Valid_IsAccepted_WithItsRevision()
    {
        await using var desk = await TestDesk.StartAsync(_consul);
        await desk.PutAsync(Orders, Texts.Attempts3);

        var found = await desk.WaitAsync(Orders, PolicyDocumentState.Accepted);

        Assert.Equal("dc1", found.Revision.Datacenter);
        Assert.Equal(PolicyRevision.HashOf(System.Text.Encoding.UTF8.GetBytes(Texts.Attempts3)), found.Revision.Hash);
        Assert.True(found.Revision.ModifyIndex > 0);
        Assert.Equal(found.Revision, found.LastGood);
        Assert.Equal("ana", found.Meta!.By);
    }

    [Fact]
    public async Task Invalid_ShowsAllProblems_AndLeavesTheLastGoodAndTheOthersInForce()
    {
        await using var desk = await TestDesk.StartAsync(_consul);
        await desk.PutAsync(Orders, Texts.Attempts3);
        var good = await desk.WaitAsync(Orders, PolicyDocumentState.Accepted);
        var hash = (await desk.ListAsync()).Hash;

        await desk.PutAsync(Orders, Texts.TwoMistakes);

        var refused = await desk.WaitAsync(Orders, PolicyDocumentState.Refused);
        Assert.Equal(["/retry/maxAttempts", "/tmeout"], refused.Problems.Select(p => p.Path).Order());
        Assert.NotEqual(good.Revision, refused.Revision);
        Assert.Equal(good.Revision, refused.LastGood);
        Assert.Equal(hash, (await desk.ListAsync()).Hash);
        Assert.Contains("\"maxAttempts\": 3", await desk.Http.GetStringAsync("/v1/policies/orders"), StringComparison.Ordinal);

        await desk.PutAsync("policy/services/payments", Texts.Attempts4);
        await desk.WaitAsync("policy/services/payments", PolicyDocumentState.Accepted);
        await desk.PutAsync(Orders, Texts.Attempts4);
        await desk.WaitAsync(Orders, d => d.State == PolicyDocumentState.Accepted && d.Revision == d.LastGood);
        Assert.Contains("\"maxAttempts\": 4", await desk.Http.GetStringAsync("/v1/policies/orders"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dangerous_IsRefused_UntilItIsAcceptedByName()
    {
        await using var desk = await TestDesk.StartAsync(_consul);
        await desk.PutAsync(Orders, Texts.Tiny);
        var refused = await desk.WaitAsync(Orders, PolicyDocumentState.Refused);
        Assert.Equal(DangerCodes.TinyTimeout, Assert.Single(refused.Problems).Code);
        Assert.Null(refused.LastGood);

        await desk.PutAsync(Orders, Texts.TinyAccepted);

        await desk.WaitAsync(Orders, PolicyDocumentState.Accepted);
    }

    [Fact]
    public async Task SplitToASubsetWithoutEndpoints_IsRefused_UntilTheCatalogHasOne()
    {
        await using var desk = await TestDesk.StartAsync(_consul);
        var service = $"shop-{Guid.NewGuid():N}"[..12];
        var key = $"policy/services/{service}";
        await RegisterAsync(desk, service, "1");
        await desk.PutAsync(key, Texts.Canary);
        var refused = await desk.WaitAsync(key, PolicyDocumentState.Refused);
        var problem = Assert.Single(refused.Problems);
        Assert.Equal((DangerCodes.EmptySubset, "/routes/0/split/v2"), (problem.Code, problem.Path));

        // The author need not write it again, and could not: Consul does not report a value that is written unchanged.
        await RegisterAsync(desk, service, "2");

        await desk.WaitAsync(key, PolicyDocumentState.Accepted);
        await desk.Consul.DeregisterServiceAsync($"{service}-1", CancellationToken.None);
        await desk.Consul.DeregisterServiceAsync($"{service}-2", CancellationToken.None);
    }

    [Fact]
    public async Task Deleted_WhileOthersStay_IsGone()
    {
        await using var desk = await TestDesk.StartAsync(_consul);
        await desk.PutAsync(Global, Texts.Attempts3);
        await desk.PutAsync(Orders, Texts.Attempts4);
        await desk.WaitAsync(Orders, PolicyDocumentState.Accepted);

        await desk.DeleteAsync(Orders);

        await Eventually.TrueAsync(async () => await desk.FindAsync(Orders) is null, "the document to go", desk.Log.Text);
        Assert.NotNull(await desk.FindAsync(Global));
    }

    [Fact]
    public async Task EverythingDeletedAtOnce_IsOrphaned_AndStaysInForce()
    {
        await using var desk = await TestDesk.StartAsync(_consul);
        await desk.PutAsync(Global, Texts.Attempts3);
        await desk.PutAsync(Orders, Texts.Attempts4);
        await desk.WaitAsync(Orders, PolicyDocumentState.Accepted);
        await desk.WaitAsync(Global, PolicyDocumentState.Accepted);
        var hash = (await desk.ListAsync()).Hash;

        await desk.DeleteAsync("", recurse: true);

        await desk.WaitAsync(Orders, PolicyDocumentState.Orphaned);
        await desk.WaitAsync(Global, PolicyDocumentState.Orphaned);
        Assert.Equal(hash, (await desk.ListAsync()).Hash);

        // Written and deleted again, one by one, it is believed.
        await desk.PutAsync(Global, Texts.Attempts3);
        await desk.WaitAsync(Global, PolicyDocumentState.Accepted);
        await desk.PutAsync(Orders, Texts.Attempts4);
        await desk.WaitAsync(Orders, PolicyDocumentState.Accepted);
        await desk.DeleteAsync(Orders);
        await Eventually.TrueAsync(async () => await desk.FindAsync(Orders) is null, "the document to go", desk.Log.Text);
    }

    [Fact]
    public async Task KeyThatCanBeNoDocument_IsShownAsOne()
    {
        await using var desk = await TestDesk.StartAsync(_consul);
        await desk.PutAsync("policies/orders", Texts.Attempts3);
        await desk.PutAsync(Orders, Texts.Attempts3);
        await desk.WaitAsync(Orders, PolicyDocumentState.Accepted);

        var unknown = Assert.Single((await desk.ListAsync()).UnknownKeys);

        Assert.Equal($"{desk.Mesh}/policies/orders", unknown.Path);
        Assert.Contains("policy", unknown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Switch_IsTakenAsFarAsItIsUnderstood()
    {
        await using var desk = await TestDesk.StartAsync(_consul);
        await desk.PutAsync("switches/services/orders", """{ "off": ["retry", "gravity"] }""");

        var found = await desk.WaitAsync("switches/services/orders", PolicyDocumentState.Accepted);

        Assert.Single(found.Ignored);
        var effective = JsonDocument.Parse(await desk.Http.GetStringAsync("/v1/policies/orders")).RootElement;
        Assert.Equal("retry", Assert.Single(effective.GetProperty("switches").GetProperty("off").EnumerateArray()).GetString());
    }

    [Fact]
    public async Task Effective_TellsTheOriginOfEachValue()
    {
        await using var desk = await TestDesk.StartAsync(_consul);
        await desk.PutAsync(Global, """{ "schema": 1, "timeout": { "total": "3s" }, "retry": { "maxAttempts": 3 } }""");
        await desk.PutAsync(Orders, Texts.Attempts4);
        await desk.WaitAsync(Global, PolicyDocumentState.Accepted);
        await desk.WaitAsync(Orders, PolicyDocumentState.Accepted);

        var policy = JsonDocument.Parse(await desk.Http.GetStringAsync("/v1/policies/orders")).RootElement.GetProperty("policy");

        var origins = policy.GetProperty("origins");
        Assert.Equal("service", origins.GetProperty("/retry/maxAttempts").GetString());
        Assert.Equal("global", origins.GetProperty("/timeout/total").GetString());
        Assert.Equal("default", origins.GetProperty("/balance/algorithm").GetString());
        using var unknown = await desk.Http.GetAsync("/v1/policies/Not%20A%20Service");
        Assert.Equal(HttpStatusCode.BadRequest, unknown.StatusCode);
    }

    [Fact]
    public async Task TwoReplicas_SayTheSame_AndBothAreInTheCatalog()
    {
        await using var one = await TestDesk.StartAsync(_consul);
        await using var two = await TestDesk.StartAsync(_consul, mesh: one.Mesh);
        await one.PutAsync(Global, Texts.Attempts3);
        await one.PutAsync(Orders, Texts.TwoMistakes);
        await one.WaitAsync(Orders, PolicyDocumentState.Refused);
        await two.WaitAsync(Orders, PolicyDocumentState.Refused);
        await one.WaitAsync(Global, PolicyDocumentState.Accepted);
        await two.WaitAsync(Global, PolicyDocumentState.Accepted);

        Assert.Equal((await one.ListAsync()).Hash, (await two.ListAsync()).Hash);
        await Eventually.TrueAsync(async () =>
        {
            var desks = await one.Consul.GetServiceHealthAsync("mesh-desk", ConsulQuery.None, CancellationToken.None);
            int[] ports = [one.Http.BaseAddress!.Port, two.Http.BaseAddress!.Port];
            return ports.All(p => desks.Value.Any(d => d.Service.Port == p));
        }, "both desks in the catalog", one.Log.Text);
    }

    private static Task RegisterAsync(TestDesk desk, string service, string version) => desk.Consul.RegisterServiceAsync(
        new ServiceRegistration
        {
            Id = $"{service}-{version}",
            Name = service,
            Port = 80,
            Meta = new Dictionary<string, string> { ["version"] = version },
        },
        CancellationToken.None);
}
