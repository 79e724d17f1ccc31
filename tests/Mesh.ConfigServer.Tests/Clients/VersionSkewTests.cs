using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mesh.AspNetCore.Tests.Support;
using Mesh.ConfigServer.Tests.Support;
using Mesh.Policy;
using Mesh.Tests.Shared;

namespace Mesh.ConfigServer.Tests.Clients;

/// <summary>A desk, with clients of other versions.</summary>
[Collection(ConsulCollection.Name)]
public sealed class VersionSkewTests(ConsulCollection.Agent agent)
{
    private const string Orders = "policy/services/orders";

    private readonly Uri _consul = agent.Consul.Address;

    [Fact]
    public async Task Report_OfTheOldestForm_IsTaken_AndCountsAsSilent()
    {
        await using var desk = await TestDesk.StartAsync(_consul);
        await desk.ReadyAsync();

        Assert.Equal(HttpStatusCode.NoContent, (await ReportAsync(desk, "report.oldest.json")).Status);

        var (_, answer) = await desk.WriteAsync(Orders, Texts.Attempts3);
        Assert.Equal("written", answer.GetProperty("code").GetString());
        Assert.Equal(1, answer.GetProperty("clients").GetProperty("silent").GetInt32());
    }

    [Fact]
    public async Task Report_OfANewerClient_IsTakenAsFarAsUnderstood()
    {
        await using var desk = await TestDesk.StartAsync(_consul);
        await desk.ReadyAsync();

        Assert.Equal(HttpStatusCode.NoContent, (await ReportAsync(desk, "report.additive.json")).Status);

        var (_, clients) = await desk.GetAsync("/v1/clients");
        var report = clients.GetProperty("clients").EnumerateArray().Single().GetProperty("report");
        Assert.Equal("unknown", report.GetProperty("source").GetString());
        Assert.Equal("unknown", report.GetProperty("documents")[0].GetProperty("state").GetString());
        Assert.Equal("teleport", report.GetProperty("switches")[0].GetProperty("off")[0].GetString());

        // It says which of today's terms it knows, and so what it would leave out is known as well.
        var (status, answer) = await desk.WriteAsync(
            Orders, """{ "schema": 1, "timeout": { "total": "3s" }, "balance": { "algorithm": "random" } }""");
        Assert.Equal(HttpStatusCode.Conflict, status);
        Assert.Equal(
            ["/balance"],
            answer.GetProperty("clients").GetProperty("groups")[0].GetProperty("parts").EnumerateArray().Select(
                p => p.GetString()));
    }

    [Theory]
    [InlineData("report.inbound.oldest.json", "too-early", "shadow", 0)]
    [InlineData("report.inbound.additive.json", "callers", "ask-a-friend", 1)]
    public async Task ReportOfADoor_OfAnotherVersion_IsTakenAsFarAsUnderstood(
        string fixture, string enforce, string intentions, int callers)
    {
        await using var desk = await TestDesk.StartAsync(_consul);
        await desk.ReadyAsync();

        Assert.Equal(HttpStatusCode.NoContent, (await ReportAsync(desk, fixture)).Status);

        var (_, doors) = await desk.GetAsync("/v1/doors");
        var door = doors.GetProperty("doors").EnumerateArray().Single();
        Assert.Equal("web", door.GetProperty("service").GetString());
        Assert.Equal(enforce, door.GetProperty("enforce").GetProperty("state").GetString());
        Assert.Equal(intentions, door.GetProperty("enforce").GetProperty("inForce")[0].GetString());
        Assert.Equal(callers, door.GetProperty("strict").GetProperty("callers").GetArrayLength());
    }

    [Fact]
    public async Task ReportOfARefusedDoor_IsShown_AndWhatTheClientDoesNotKnowOfDoorsIsHeldUp()
    {
        await using var desk = await TestDesk.StartAsync(_consul);
        await desk.ReadyAsync();

        Assert.Equal(HttpStatusCode.NoContent, (await ReportAsync(desk, "report.security.oldest.json")).Status);

        var (_, clients) = await desk.GetAsync("/v1/clients");
        var document = clients.GetProperty("clients")[0].GetProperty("report").GetProperty("documents")[0];
        Assert.Equal("refused", document.GetProperty("state").GetString());
        Assert.Equal("/inbound/quantum", document.GetProperty("problems")[0].GetProperty("path").GetString());
        var (status, answer) = await desk.WriteAsync(
            "security/services/web", """{ "schema": 1, "inbound": { "tls": "strict", "intentions": "enforce" } }""");
        Assert.Equal(HttpStatusCode.Conflict, status);
        Assert.Equal(
            ["/inbound/intentions"],
            answer.GetProperty("clients").GetProperty("groups")[0].GetProperty("parts").EnumerateArray().Select(
                p => p.GetString()));
        var (_, known) = await desk.WriteAsync("security/services/web", """{ "schema": 1, "inbound": { "tls": "permissive" } }""");
        Assert.Equal("written", known.GetProperty("code").GetString());
    }

    [Fact]
    public async Task Report_OfAnotherSchema_IsRefusedWithAReason()
    {
        await using var desk = await TestDesk.StartAsync(_consul);
        await desk.ReadyAsync();

        var (status, answer) = await ReportAsync(desk, "report.next.json");

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("Schema 2", answer);
    }

    [Fact]
    public async Task Document_OfAClientsLaterSchema_WouldNotBeObeyedByThoseWhoReadAnEarlierOne()
    {
        await using var desk = await TestDesk.StartAsync(_consul);
        await desk.ReadyAsync();
        await desk.ReportAsync(DeskApi.Client("web-0") with
        {
            Understands = PolicyVocabulary.Of([]) with { Schema = 0 },
        });

        var (status, answer) = await desk.WriteAsync(Orders, Texts.Attempts3);

        Assert.Equal(HttpStatusCode.Conflict, status);
        Assert.Equal(
            "/schema", answer.GetProperty("clients").GetProperty("groups")[0].GetProperty("parts")[0].GetString());
    }

    /// <summary>What the oldest client reads of an event, in the words and places in which it reads it.</summary>
    [Fact]
    public async Task Stream_StillSaysEverythingThatTheOldestClientReads()
    {
        await using var desk = await TestDesk.StartAsync(_consul);
        await desk.ReadyAsync();
        await desk.WriteAsync(Orders, SkewFixture.Read("document.oldest.json"));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/policies/stream?services=orders&caller=web");
        using var response = await desk.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync());
        string? line;
        while ((line = await lines.ReadLineAsync()) is not null && !line.StartsWith("data:", StringComparison.Ordinal))
        {
        }

        var said = JsonNode.Parse(line!["data:".Length..])!;
        var oldest = JsonNode.Parse(SkewFixture.Read("event.oldest.json"))!;
        oldest["mesh"] = desk.Mesh;
        oldest["documents"]![0]!["revision"]!["modifyIndex"] = said["documents"]![0]!["revision"]!["modifyIndex"]!.DeepClone();
        Assert.All(oldest.AsObject().Where(m => m.Key != "documents"), m =>
            Assert.Equal(m.Value!.ToJsonString(), said[m.Key]!.ToJsonString()));
        Assert.All(oldest["documents"]![0]!.AsObject(), m =>
            Assert.Equal(m.Value!.ToJsonString(), said["documents"]![0]![m.Key]!.ToJsonString()));
    }

    [Fact]
    public async Task Document_OfALaterSchema_IsRefusedToItsAuthor_AndInKv()
    {
        await using var desk = await TestDesk.StartAsync(_consul);
        await desk.PutAsync(Orders, Texts.Attempts3);
        await desk.WaitAsync(Orders, PolicyDocumentState.Accepted);

        var (status, answer) = await desk.WriteAsync(Orders, SkewFixture.Read("document.next.jsonc"));

        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        Assert.Equal("schema-version", answer.GetProperty("problems")[0].GetProperty("code").GetString());
        Assert.Equal(1, answer.GetProperty("problems").GetArrayLength());
        await desk.PutAsync(Orders, SkewFixture.Read("document.next.jsonc"));
        Assert.NotNull((await desk.WaitAsync(Orders, PolicyDocumentState.Refused)).LastGood);

        // A lever says its schema too, and is obeyed all the same.
        await desk.PutAsync("switches/global", SkewFixture.Read("switch.next.json"));
        Assert.True((await desk.WaitAsync("switches/global", PolicyDocumentState.Accepted)).Switch!.Bypass);
    }

    private static async Task<(HttpStatusCode Status, string Body)> ReportAsync(TestDesk desk, string fixture)
    {
        using var content = new StringContent(SkewFixture.Read(fixture), Encoding.UTF8, "application/json");
        using var answer = await desk.Http.PutAsync("/v1/clients/web-1", content);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }
}
