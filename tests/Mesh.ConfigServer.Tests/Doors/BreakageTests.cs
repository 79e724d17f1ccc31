using System.Net;
using System.Text.Json;
using Mesh.AspNetCore.Tests.Support;
using Mesh.ConfigServer.Tests.Support;
using Mesh.Policy;

namespace Mesh.ConfigServer.Tests.Doors;

/// <summary>Who writes a stricter door through the desk hears whom it would refuse.</summary>
[Collection(ConsulCollection.Name)]
public sealed class BreakageTests(ConsulCollection.Agent agent)
{
    private const string Orders = "security/services/orders";
    private const string Strict = """{ "schema": 1, "inbound": { "tls": "strict" } }""";
    private const string Enforce = """{ "schema": 1, "inbound": { "intentions": "enforce" } }""";
    private const string Require = """{ "schema": 1, "outbound": { "tls": "require" } }""";

    private readonly Uri _consul = agent.Consul.Address;

    [Fact]
    public async Task Strict_WhileSomebodyComesInPlaintext_IsAConflictThatNamesThem_UntilAccepted()
    {
        await using var desk = await StartAsync(d => d.WithPlaintext("batch", 12).WithDenial("web", "intention", 3));

        var (status, answer) = await desk.WriteAsync(Orders, Strict);

        Assert.Equal(HttpStatusCode.Conflict, status);
        Assert.Equal("callers-would-break", Code(answer));
        Assert.Contains("orders: batch (12 requests, inbound.tls)", answer.GetProperty("detail").GetString());
        Assert.Equal([("orders", "inbound.tls", "batch", 12L)], Breaks(answer));
        Assert.Null(await desk.FindAsync(Orders));

        // A dry run tells the same.
        using var content = new StringContent(JsonSerializer.Serialize(
            new ValidateRequest { Key = PolicyKey.SecurityOf("orders"), Body = Strict },
            MeshWireJson.Default.ValidateRequest));
        using var dry = await desk.Http.PostAsync("/v1/validate", content);
        var validated = JsonDocument.Parse(await dry.Content.ReadAsStringAsync()).RootElement;
        Assert.True(validated.GetProperty("accepted").GetBoolean());
        Assert.Equal([("orders", "inbound.tls", "batch", 12L)], Breaks(validated));

        var accepted = await desk.WriteAsync(Orders, Strict, "?accept=callers-would-break");
        Assert.Equal("written", Code(accepted.Body));
        Assert.Equal([("orders", "inbound.tls", "batch", 12L)], Breaks(accepted.Body));

        // What is strict already makes nothing stricter.
        Assert.Equal("written", Code((await desk.WriteAsync(Orders, Strict + "\n")).Body));
    }

    [Fact]
    public async Task Strict_WhenNobodyIsKnownToBreak_IsWritten()
    {
        await using var desk = await StartAsync(d => d.WithDenial("web", "intention", 3));

        Assert.Equal("written", Code((await desk.WriteAsync(Orders, Strict)).Body));
    }

    [Fact]
    public async Task Strict_WithAnInstanceThatHasNoIdentity_WouldRefuseEverybody()
    {
        await using var desk = await StartAsync(d => d with { Identity = null, PlaintextSince = null });

        var (_, answer) = await desk.WriteAsync(Orders, Strict);

        Assert.Equal([("orders", "inbound.tls", "everybody", 1L)], Breaks(answer));
        Assert.Contains("orders: everybody (1 instance, inbound.tls)", answer.GetProperty("detail").GetString());
    }

    [Fact]
    public async Task Enforce_NamesWhomIntentionsWouldDeny_AndRulesThatLeaveTheShadowTheirs()
    {
        await using var desk = await StartAsync(d => d.WithPlaintext("batch", 12)
            .WithDenial("web", "intention", 3).WithDenial("web", "no-deletes", 2).WithDenial("shop", "no-reads", 1));

        var (_, intentions) = await desk.WriteAsync(Orders, Enforce);
        Assert.Equal([("orders", "inbound.intentions", "web", 3L)], Breaks(intentions));

        const string accept = "?accept=callers-would-break";
        Assert.Equal("written", Code((await desk.WriteAsync(Orders, Rules("true"), accept)).Body));
        var (_, rules) = await desk.WriteAsync(Orders, Rules("false"));
        Assert.Equal("callers-would-break", Code(rules));
        Assert.Equal([("orders", "inbound.authorization", "web", 2L)], Breaks(rules));
        Assert.Equal("no-deletes", rules.GetProperty("breaks")[0].GetProperty("rule").GetString());

        // The document itself may accept it.
        var accepting = Rules("false").Replace(
            "1,", "1, \"accept\": [\"callers-would-break\"],", StringComparison.Ordinal);
        Assert.Equal("written", Code((await desk.WriteAsync(Orders, accepting)).Body));
    }

    [Fact]
    public async Task Global_NamesTheCallersOfEveryService_ThatIsNotAsStrictAlready()
    {
        await using var desk = await StartAsync(d => d.WithPlaintext("batch", 12));
        await desk.ReportAsync(
            Reports.Door("stock", "stock-1", DateTimeOffset.UtcNow, 2, d => d.WithPlaintext("web", 1)));
        await desk.ReportAsync(Reports.Door("users", "users-1", DateTimeOffset.UtcNow, 2));
        var global = Strict.Replace("1,", "1, \"accept\": [\"global-tls\"],", StringComparison.Ordinal);

        var (_, answer) = await desk.WriteAsync("security/global", global);

        Assert.Equal([("orders", "inbound.tls", "batch", 12L), ("stock", "inbound.tls", "web", 1L)], Breaks(answer));
        await desk.WriteAsync(Orders, Strict, "?accept=callers-would-break");
        (_, answer) = await desk.WriteAsync("security/global", global);
        Assert.Equal([("stock", "inbound.tls", "web", 1L)], Breaks(answer));
    }

    [Fact]
    public async Task Require_NamesTheServicesThatAreCalledAndSpeakPlaintext()
    {
        await using var desk = await StartAsync(d => d with { Identity = null, PlaintextSince = null });
        await desk.ReportAsync(DeskApi.Client("web-1"));

        var (_, answer) = await desk.WriteAsync("security/services/web", Require);

        Assert.Equal("callers-would-break", Code(answer));
        Assert.Equal([("orders", "outbound.tls", "web", 1L)], Breaks(answer));
    }

    private async Task<TestDesk> StartAsync(Func<InboundReport, InboundReport> door)
    {
        var desk = await TestDesk.StartAsync(_consul);
        await desk.ReadyAsync();
        await desk.ReportAsync(Reports.Door("orders", "orders-1", DateTimeOffset.UtcNow, 2, door));
        return desk;
    }

    private static string Rules(string shadow) =>
        $$"""
        { "schema": 1, "inbound": { "authorization": { "otherwise": "allow", "rules": [
          { "name": "no-deletes", "action": "deny", "shadow": {{shadow}}, "match": { "method": ["DELETE"] } },
          { "name": "no-reads", "action": "deny", "shadow": true, "match": { "method": ["GET"] } }
        ] } } }
        """;

    private static string? Code(JsonElement answer) => answer.GetProperty("code").GetString();

    private static (string? Service, string? Setting, string? Caller, long Count)[] Breaks(JsonElement answer) =>
    [
        .. answer.GetProperty("breaks").EnumerateArray().Select(b => (
            b.GetProperty("service").GetString(), b.GetProperty("setting").GetString(),
            b.GetProperty("caller").GetString(),
            b.GetProperty("count").GetInt64())),
    ];
}
