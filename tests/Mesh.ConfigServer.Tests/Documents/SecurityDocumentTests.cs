using System.Net;
using Mesh.AspNetCore.Tests.Support;
using Mesh.ConfigServer.Tests.Support;
using Mesh.Policy;

namespace Mesh.ConfigServer.Tests.Documents;

[Collection(ConsulCollection.Name)]
public sealed class SecurityDocumentTests(ConsulCollection.Agent agent)
{
    private const string Global = "security/global";
    private const string Orders = "security/services/orders";
    private const string Traffic = "policy/services/orders";
    private const string OfOrders = "?services=orders,stock&caller=orders";
    private const string OfWeb = "?services=orders&caller=web";

    private const string Strict = """{ "schema": 1, "meta": { "owner": "sec" }, "inbound": { "tls": "strict" } }""";
    private const string Permissive = """{ "schema": 1, "inbound": { "tls": "permissive" } }""";
    private const string Newer = """{ "schema": 1, "inbound": { "quantum": "on" } }""";
    private const string Inbound = """{ "schema": 1, "inbound": { "concurrency": "adaptive" } }""";

    private const string Locked =
        """{ "schema": 1, "accept": ["global-tls"], "inbound": { "tls": "strict" }, "locked": ["inbound.tls"] }""";

    private readonly Uri _consul = agent.Consul.Address;

    [Fact]
    public async Task Written_ItIsShownAndSentToItsServiceAndToNobodyElse()
    {
        await using var desk = await TestDesk.StartAsync(_consul);
        await desk.ReadyAsync();
        foreach (var (key, body) in new[] { (Global, Permissive), (Orders, Strict), (Traffic, Inbound) })
        {
            Assert.Equal(HttpStatusCode.OK, (await desk.WriteAsync(key, body)).Status);
        }

        await using var own = await DeskStream.OpenAsync(desk.Http, OfOrders);
        await using var caller = await DeskStream.OpenAsync(desk.Http, OfWeb);

        Assert.Equal([Traffic, Global, Orders], Keys(await own.NextAsync()));
        Assert.Equal([Traffic, Global], Keys(await caller.NextAsync()));
        Assert.Equal("sec", (await desk.FindAsync(Orders))!.Meta!.Owner);
        var (_, effective) = await desk.GetAsync("/v1/policies/orders?caller=web");
        Assert.Equal("strict", effective.GetProperty("security").GetProperty("inbound").GetProperty("tls").GetString());
        Assert.Equal("service", effective.GetProperty("security").GetProperty("origins").GetProperty("/inbound/tls").GetString());
        Assert.Equal("adaptive", effective.GetProperty("inbound").GetProperty("inbound").GetProperty("concurrency").GetProperty("mode").GetString());
        Assert.Equal(
            [Traffic, Global, Orders],
            effective.GetProperty("documents").EnumerateArray().Select(d => d.GetProperty("key").GetString()));
    }

    [Fact]
    public async Task OwnTrafficDocument_IsSentAlsoToAServiceThatDoesNotCallItself()
    {
        await using var desk = await TestDesk.StartAsync(_consul);
        await desk.ReadyAsync();
        Assert.Equal(HttpStatusCode.OK, (await desk.WriteAsync(Traffic, Inbound)).Status);

        await using var own = await DeskStream.OpenAsync(desk.Http, "?services=stock&caller=orders");

        Assert.Equal([Traffic], Keys(await own.NextAsync()));
    }

    [Fact]
    public async Task LessThanIsLocked_IsRefusedToItsAuthor_AndToldOfWhatIsThere()
    {
        await using var desk = await TestDesk.StartAsync(_consul);
        await desk.ReadyAsync();
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await desk.WriteAsync(Global, Locked.Replace("global-tls", "deny-all", StringComparison.Ordinal))).Status);
        Assert.Equal(HttpStatusCode.OK, (await desk.WriteAsync(Global, Locked)).Status);

        var (status, answer) = await desk.WriteAsync(Orders, Permissive);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        var problem = Assert.Single(answer.GetProperty("problems").EnumerateArray());
        Assert.Equal(("locked", "/inbound/tls"), (problem.GetProperty("code").GetString(), problem.GetProperty("path").GetString()));
        Assert.Null(await desk.FindAsync(Orders));

        // Written past the desk it is no reason to refuse what else it says; the minimum is in force all the same.
        await desk.PutAsync(Orders, """{ "schema": 1, "inbound": { "tls": "off", "intentions": "enforce" } }""");
        var found = await desk.WaitAsync(Orders, PolicyDocumentState.Accepted);
        Assert.Equal(ProblemCodes.Locked, Assert.Single(found.Ignored).Code);
        var (_, effective) = await desk.GetAsync("/v1/policies/orders");
        var security = effective.GetProperty("security");
        Assert.Equal("strict", security.GetProperty("inbound").GetProperty("tls").GetString());
        Assert.Equal("global:locked", security.GetProperty("origins").GetProperty("/inbound/tls").GetString());
        Assert.Equal("enforce", security.GetProperty("inbound").GetProperty("intentions").GetString());
    }

    [Fact]
    public async Task Refused_WithoutAnEarlierOne_ItsServiceIsToldThatItIsThere()
    {
        await using var desk = await TestDesk.StartAsync(_consul);
        await desk.PutAsync(Orders, Newer);
        await desk.WaitAsync(Orders, PolicyDocumentState.Refused);

        await using var stream = await DeskStream.OpenAsync(desk.Http, OfOrders);
        var document = Assert.Single((await stream.NextAsync())!.Documents);
        Assert.Equal((Newer, PolicyDocumentState.Refused), (document.Body, document.State));

        await desk.PutAsync(Orders, Strict);
        document = Assert.Single((await stream.NewsAsync()).Documents);
        Assert.Equal((Strict, PolicyDocumentState.Accepted), (document.Body, document.State));

        // From here on there is a good one, and it stays.
        await desk.PutAsync(Orders, Newer);
        document = Assert.Single((await stream.NewsAsync()).Documents);
        Assert.Equal((Strict, PolicyDocumentState.Refused), (document.Body, document.State));
    }

    [Fact]
    public async Task Refused_AndThenTheDeskStartsAnew_ItsServiceIsStillTold()
    {
        string mesh, folder;
        await using (var desk = await TestDesk.StartAsync(_consul))
        {
            (mesh, folder) = (desk.Mesh, desk.KeepFolder());
            await desk.PutAsync(Orders, Newer);
            await desk.WaitAsync(Orders, PolicyDocumentState.Refused);
        }

        await using var next = await TestDesk.StartAsync(_consul, mesh: mesh, folder: folder);
        await next.WaitAsync(Orders, PolicyDocumentState.Refused);
        await using var stream = await DeskStream.OpenAsync(next.Http, OfOrders);

        Assert.Equal(Newer, Assert.Single((await stream.NextAsync())!.Documents).Body);
    }

    [Fact]
    public async Task RolledBack_ItIsSignedAsAnyOther()
    {
        await using var desk = await TestDesk.StartAsync(_consul);
        await desk.ReadyAsync();
        await desk.PutRecordedAsync(Orders, Strict);
        await desk.PutRecordedAsync(Orders, Permissive);

        var (status, _) = await desk.RollbackAsync(Orders, """{ "by": "kim", "why": "audit" }""");

        Assert.Equal(HttpStatusCode.OK, status);
        var meta = (await desk.FindAsync(Orders))!.Meta!;
        Assert.Equal(("sec", "kim", "audit"), (meta.Owner, meta.By, meta.Why));
        var (_, effective) = await desk.GetAsync("/v1/policies/orders");
        Assert.Equal("strict", effective.GetProperty("security").GetProperty("inbound").GetProperty("tls").GetString());
        var (_, diff) = await desk.GetAsync($"/v1/documents/{Orders}/diff");
        Assert.True(diff.GetProperty("changes").GetArrayLength() > 0);
    }

    [Fact]
    public async Task OlderClients_OfTheServiceItself_AreNamedBeforeItIsWritten()
    {
        await using var desk = await TestDesk.StartAsync(_consul);
        await desk.ReadyAsync();
        string[] doors = [.. PolicyVocabulary.Of([]).Terms.Where(t => t.StartsWith("security.", StringComparison.Ordinal))];
        string[] inbound = [.. PolicyVocabulary.Of([]).Terms.Where(t => t.StartsWith("inbound", StringComparison.Ordinal))];
        await desk.ReportAsync(
            DeskApi.Older("orders-1", [.. doors, .. inbound]) with { Service = "orders", Upstreams = ["stock"] });
        await desk.ReportAsync(DeskApi.Older("web-1", [.. doors, .. inbound]));

        var (status, answer) = await desk.WriteAsync(Orders, Strict);
        var (_, traffic) = await desk.WriteAsync(Traffic, Inbound);
        var ofWeb = await desk.WriteAsync("policy/services/stock", Inbound);

        Assert.Equal(HttpStatusCode.Conflict, status);
        Assert.Contains("1 of 1 clients", answer.GetProperty("detail").GetString());
        Assert.Contains("not understand security/services/orders", answer.GetProperty("detail").GetString());
        Assert.Contains(
            "orders 1.4 (library 0.0.9): 1 client leaves out /inbound", answer.GetProperty("detail").GetString());
        Assert.Equal((2, 1), (Count(traffic, "connected"), Count(traffic, "unable")));

        // What a service does with its calls is nothing that its callers have to understand.
        Assert.Equal(HttpStatusCode.OK, ofWeb.Status);
        Assert.Equal(HttpStatusCode.OK, (await desk.WriteAsync(Orders, Strict, "?accept=clients-cannot-obey")).Status);

        static int Count(System.Text.Json.JsonElement answer, string name) =>
            answer.GetProperty("clients").GetProperty(name).GetInt32();
    }

    [Fact]
    public async Task Schema_IsServed()
    {
        await using var desk = await TestDesk.StartAsync(_consul);

        var (status, schema) = await desk.GetAsync("/schema/security.json");

        Assert.Equal((HttpStatusCode.OK, "Mesh security policy"), (status, schema.GetProperty("title").GetString()));
    }

    private static IEnumerable<string> Keys(PolicyEvent? message) => message!.Documents.Select(d => d.Key.ToString());
}
