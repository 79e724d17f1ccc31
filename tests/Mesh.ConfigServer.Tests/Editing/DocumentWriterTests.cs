using System.Diagnostics.Metrics;
using System.Net;
using System.Text;
using Mesh.AspNetCore.Tests.Support;
using Mesh.ConfigServer.Tests.Support;
using Mesh.Policy;
using Mesh.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.ConfigServer.Tests.Editing;

[Collection(ConsulCollection.Name)]
public sealed class DocumentWriterTests(ConsulCollection.Agent agent)
{
    private const string Orders = "policy/services/orders";

    private const string WithRoutes =
        """{ "schema": 1, "routes": [{ "name": "all", "retry": { "idempotent": "with-key" } }] }""";

    private readonly Uri _consul = agent.Consul.Address;

    [Fact]
    public async Task Put_AGoodDocument_IsWrittenAndInForceWhenAnswered()
    {
        await using var desk = await TestDesk.StartAsync(_consul);
        await desk.ReadyAsync();

        var (status, answer) = await desk.WriteAsync(Orders, Texts.Attempts3);

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("written", answer.GetProperty("code").GetString());
        var found = (await desk.FindAsync(Orders))!;
        Assert.Equal(PolicyDocumentState.Accepted, found.State);
        Assert.Equal(found.Revision.ModifyIndex, answer.GetProperty("revision").GetProperty("modifyIndex").GetUInt64());
        var (_, document) = await desk.GetAsync($"/v1/documents/{Orders}");
        Assert.Equal(Texts.Attempts3, document.GetProperty("body").GetString());
        Assert.Equal("accepted", document.GetProperty("document").GetProperty("state").GetString());
        Assert.Equal(
            "unchanged", (await desk.WriteAsync(Orders, Texts.Attempts3)).Body.GetProperty("code").GetString());
    }

    [Fact]
    public async Task Desk_MeasuresItself()
    {
        await using var desk = await TestDesk.StartAsync(_consul);
        await desk.ReadyAsync();
        var seen = new System.Collections.Concurrent.ConcurrentDictionary<string, double>();
        using var listener = new MeterListener();
        var meters = desk.App.Services.GetRequiredService<IMeterFactory>();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Meter.Name == "Mesh.ConfigServer" && instrument.Meter.Scope == meters)
            {
                l.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((i, value, tags, _) =>
            seen.AddOrUpdate($"{i.Name} {tags[0].Value}", value, (_, sum) => sum + value));
        listener.SetMeasurementEventCallback<int>((i, value, tags, _) =>
            seen[$"{i.Name} {(tags.Length > 0 ? tags[0].Value : "")}"] = value);
        listener.Start();
        await using var stream = await DeskStream.OpenAsync(desk.Http, "?services=orders");
        await stream.NextAsync();

        await desk.ReportAsync(DeskApi.Client("web-1"));
        await desk.WriteAsync(Orders, Texts.Attempts3);
        await desk.WriteAsync(Orders, Texts.TwoMistakes);
        await stream.NewsAsync();
        listener.RecordObservableInstruments();

        Assert.Equal((1, 1), (seen["mesh.desk.clients "], seen["mesh.desk.documents accepted"]));
        Assert.Equal((1, 1), (seen["mesh.desk.writes written"], seen["mesh.desk.writes refused"]));
        Assert.Equal((1, 1), (seen["mesh.desk.events snapshot"], seen["mesh.desk.events change"]));
    }

    [Fact]
    public async Task Put_ABadDocument_IsRefusedWithEverythingAndNotWritten()
    {
        await using var desk = await TestDesk.StartAsync(_consul);
        await desk.ReadyAsync();

        var (status, answer) = await desk.WriteAsync(Orders, Texts.TwoMistakes);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        Assert.Equal("refused", answer.GetProperty("code").GetString());
        Assert.Equal(2, answer.GetProperty("problems").GetArrayLength());
        Assert.Null((await desk.Consul.GetKeyAsync($"{desk.Mesh}/{Orders}", Consul.ConsulQuery.None, default)).Value);
        Assert.Equal(HttpStatusCode.BadRequest, (await desk.WriteAsync("policy/teams/orders", Texts.Attempts3)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await desk.GetAsync($"/v1/documents/{Orders}")).Status);
        Assert.Equal(
            HttpStatusCode.UnprocessableEntity, (await desk.WriteAsync("security/global", """{ "schema": 2 }""")).Status);
    }

    [Fact]
    public async Task Put_WithAnIndexThatHasMovedOn_IsAConflictThatShowsWhatIsThere()
    {
        await using var desk = await TestDesk.StartAsync(_consul);
        await desk.ReadyAsync();
        Assert.Equal(HttpStatusCode.OK, (await desk.WriteAsync(Orders, Texts.Attempts3, "?index=0")).Status);

        var (status, answer) = await desk.WriteAsync(Orders, Texts.Attempts4, "?index=0");

        Assert.Equal(HttpStatusCode.Conflict, status);
        Assert.Equal("conflict", answer.GetProperty("code").GetString());
        var present = answer.GetProperty("present");
        Assert.Equal(Texts.Attempts3, present.GetProperty("body").GetString());
        var index = present.GetProperty("revision").GetProperty("modifyIndex").GetUInt64();
        Assert.Equal(HttpStatusCode.OK, (await desk.WriteAsync(Orders, Texts.Attempts4, $"?index={index}")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await desk.WriteAsync(Orders, Texts.Attempts4, "?index=new")).Status);
    }

    [Fact]
    public async Task Put_WhatSomeClientsCannotObey_NamesThemAndIsWrittenOnlyWhenAccepted()
    {
        await using var desk = await TestDesk.StartAsync(_consul);
        await desk.ReadyAsync();
        await desk.ReportAsync(DeskApi.Client("web-1"));
        await desk.ReportAsync(DeskApi.Older("web-2", "routes[].retry", "routes[].retry.idempotent"));
        await desk.ReportAsync(DeskApi.Older("web-3", "routes[].retry", "routes[].retry.idempotent"));
        await desk.ReportAsync(DeskApi.Client("old-1") with { Understands = null, Upstreams = null });
        await desk.ReportAsync(DeskApi.Older("other-1", "routes") with { Service = "other", Upstreams = ["pricing"] });

        var (status, answer) = await desk.WriteAsync(Orders, WithRoutes);

        Assert.Equal(HttpStatusCode.Conflict, status);
        Assert.Equal("clients-cannot-obey", answer.GetProperty("code").GetString());
        Assert.Contains(
            "web 1.4 (library 0.0.9): 2 clients leave out /routes/0/retry", answer.GetProperty("detail").GetString());
        var clients = answer.GetProperty("clients");
        Assert.Equal(
            (4, 2, 1),
            (clients.GetProperty("connected").GetInt32(), clients.GetProperty("unable").GetInt32(),
                clients.GetProperty("silent").GetInt32()));
        Assert.Null(await desk.FindAsync(Orders));

        // A dry run tells the same, and so does the answer to who accepts it.
        var (_, dry) = await ValidateAsync(desk, Orders, WithRoutes);
        Assert.True(dry.GetProperty("accepted").GetBoolean());
        Assert.Equal(2, dry.GetProperty("clients").GetProperty("unable").GetInt32());
        var accepted = await desk.WriteAsync(Orders, WithRoutes, "?accept=clients-cannot-obey");
        Assert.Equal(HttpStatusCode.OK, accepted.Status);
        Assert.Equal(2, accepted.Body.GetProperty("clients").GetProperty("unable").GetInt32());
        Assert.Equal(
            HttpStatusCode.OK,
            (await desk.WriteAsync(
                Orders, WithRoutes.Replace("1,", "1, \"accept\": [\"clients-cannot-obey\"],", StringComparison.Ordinal))).Status);
    }

    [Fact]
    public async Task Put_ASwitchThatSomeClientsDoNotKnow_IsNeverHeldUp()
    {
        await using var desk = await TestDesk.StartAsync(_consul);
        await desk.ReadyAsync();
        await desk.ReportAsync(DeskApi.Older("web-1", "switches.off=balance"));

        var (status, answer) = await desk.WriteAsync("switches/services/orders", """{ "off": ["retry", "balance"] }""");

        Assert.Equal(HttpStatusCode.OK, status);
        var group = answer.GetProperty("clients").GetProperty("groups").EnumerateArray().Single();
        Assert.Equal("/off/1", group.GetProperty("parts").EnumerateArray().Single().GetString());
    }

    [Fact]
    public async Task Put_AnAlgorithmOfAnApplication_IsObeyedByTheClientsThatBringIt()
    {
        await using var desk = await TestDesk.StartAsync(_consul);
        await desk.ReadyAsync();
        await desk.ReportAsync(DeskApi.Client("web-1") with { Understands = PolicyVocabulary.Of(["custom:mine"]) });
        const string document = """{ "schema": 1, "balance": { "algorithm": "custom:Mine" } }""";

        Assert.Equal(HttpStatusCode.OK, (await desk.WriteAsync(Orders, document)).Status);

        await desk.ReportAsync(DeskApi.Client("web-2"));
        var (_, dry) = await ValidateAsync(desk, Orders, document);
        Assert.Equal(1, dry.GetProperty("clients").GetProperty("unable").GetInt32());
    }

    [Theory]
    [InlineData("2030-01-01T00:00:00", "Z")]
    [InlineData("2030-01-01", null)]
    public async Task Put_ASwitchWhoseTimeHasNoOffset_IsRefused_ButActsWhenItIsInKv(string until, string? hint)
    {
        await using var desk = await TestDesk.StartAsync(_consul);
        await desk.ReadyAsync();
        var document = $$"""{ "mode": "bypass", "until": "{{until}}" }""";

        var (status, answer) = await desk.WriteAsync("switches/global", document);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        var problem = answer.GetProperty("problems").EnumerateArray().Single();
        Assert.Equal("/until", problem.GetProperty("path").GetString());
        Assert.Contains(hint ?? "2026-01-31T18:30:00Z", problem.GetProperty("message").GetString());
        await desk.PutAsync("switches/global", document);
        var found = await desk.WaitAsync("switches/global", PolicyDocumentState.Accepted);
        Assert.Equal("/until", Assert.Single(found.Ignored).Path);
        Assert.True(found.Switch!.Bypass);
        Assert.Equal(hint is null ? null : new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero), found.Switch.Until);
    }

    [Theory]
    [InlineData("Origin", "http://evil.example")]
    [InlineData("Host", "evil.example")]
    public async Task Put_ThroughAPageFromElsewhere_IsForbidden(string header, string value)
    {
        await using var desk = await TestDesk.StartAsync(_consul);
        await desk.ReadyAsync();

        Assert.Equal(
            HttpStatusCode.Forbidden, (await desk.WriteAsync(Orders, Texts.Attempts3, "", (header, value))).Status);
        Assert.Equal(
            HttpStatusCode.Forbidden, (await desk.RollbackAsync(Orders, """{ "by": "ana" }""", (header, value))).Status);
        Assert.Null(await desk.FindAsync(Orders));
    }

    [Fact]
    public async Task Put_UnderRulesOfConsul_IsAllowedByTheAuthorsTokenAndNeverByTheDesks()
    {
        await using var consul = await ConsulAgent.StartAsync(new ConsulAgentOptions { AclDefaultDeny = true });
        var desksOwn = consul.ManagementToken!;
        var editor = await consul.CreateTokenAsync("""key "mesh/policy/services/orders" { policy = "write" }""");
        await using var desk = await TestDesk.StartAsync(
            consul.Address, [$"Desk:Consul:Token={desksOwn}"], mesh: "mesh", token: desksOwn);
        await desk.ReadyAsync();

        var (anonymous, answer) = await desk.WriteAsync(Orders, Texts.Attempts3);
        Assert.Equal(HttpStatusCode.Forbidden, anonymous);
        Assert.Contains("X-Consul-Token", answer.GetProperty("detail").GetString());

        Assert.Equal(
            HttpStatusCode.OK, (await desk.WriteAsync(Orders, Texts.Attempts3, "", ("X-Consul-Token", editor))).Status);
        Assert.Equal(
            HttpStatusCode.Forbidden,
            (await desk.WriteAsync("policy/services/pricing", Texts.Attempts3, "", ("X-Consul-Token", editor))).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await desk.WriteAsync(Orders, Texts.Attempts3, "", ("X-Consul-Token", "a b"))).Status);
    }

    [Fact]
    public async Task Put_TooLarge_IsRefusedBeforeItIsRead()
    {
        await using var desk = await TestDesk.StartAsync(_consul);
        await desk.ReadyAsync();
        var large = $"{{ \"schema\": 1 /* {new string('x', PolicyLimits.DocumentBytes)} */ }}";

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await desk.WriteAsync(Orders, large)).Status);
    }

    private static async Task<(HttpStatusCode Status, System.Text.Json.JsonElement Body)> ValidateAsync(
        TestDesk desk, string key, string body)
    {
        var request = new System.Text.Json.Nodes.JsonObject { ["schema"] = 1, ["key"] = key, ["body"] = body };
        using var content = new StringContent(request.ToJsonString(), Encoding.UTF8, "application/json");
        using var answer = await desk.Http.PostAsync("/v1/validate", content);
        return (answer.StatusCode, System.Text.Json.JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement);
    }
}
