using System.Net;
using System.Text;
using System.Text.Json;
using Mesh.AspNetCore.Tests.Support;
using Mesh.ConfigServer.Documents;
using Mesh.ConfigServer.History;
using Mesh.ConfigServer.Tests.Support;
using Mesh.Policy;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mesh.ConfigServer.Tests.History;

[Collection(ConsulCollection.Name)]
public sealed class HistoryTests(ConsulCollection.Agent agent)
{
    private const string Orders = "policy/services/orders";
    private const string Switch = "switches/services/orders";

    private readonly Uri _consul = agent.Consul.Address;

    [Fact]
    public async Task Edits_OfEveryKind_AreKept_TheLastTwentyInEveryReplica()
    {
        await using var desk = await TestDesk.StartAsync(_consul);
        await desk.ReadyAsync();
        var revisions = new List<PolicyRevision>();
        for (var i = 0; i < 22; i++)
        {
            revisions.Add(await desk.PutRecordedAsync(Orders, Attempts((i % 3) + 1, $"edit {i}")));
        }

        Assert.Equal(HttpStatusCode.OK, (await desk.WriteAsync(Orders, Attempts(5, "through the desk"))).Status);
        var last = await desk.RecordedAsync(Orders, Hash(Attempts(5, "through the desk")));
        await desk.PutAsync(Orders, Texts.TwoMistakes);
        await desk.WaitAsync(Orders, PolicyDocumentState.Refused);

        await using var replica = await TestDesk.StartAsync(_consul, mesh: desk.Mesh);
        await replica.ReadyAsync();
        foreach (var one in (TestDesk[])[desk, replica])
        {
            await Eventually.TrueAsync(
                async () => (await one.HistoryAsync(Orders)).Length == 20, "twenty revisions", one.Log.Text);
            var (_, answer) = await one.GetAsync($"/v1/documents/{Orders}/history");
            Assert.Equal("refused", answer.GetProperty("state").GetString());
            var entries = answer.GetProperty("entries").EnumerateArray().ToArray();
            Assert.Equal(
                revisions.TakeLast(19).Append(last).Select(r => r.ModifyIndex).Reverse(),
                entries.Select(e => e.GetProperty("revision").GetProperty("modifyIndex").GetUInt64()));
            Assert.Equal("through the desk", entries[0].GetProperty("meta").GetProperty("why").GetString());
            Assert.Equal("ana", entries[1].GetProperty("meta").GetProperty("by").GetString());
            Assert.InRange(entries[1].GetProperty("at").GetDateTimeOffset(), DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow);
            Assert.Equal([true, false], entries[..2].Select(e => e.GetProperty("inForce").GetBoolean()));
        }

        var text = await desk.Http.GetStringAsync($"/v1/documents/{Orders}/history/{last.ModifyIndex}");
        Assert.Equal(Attempts(5, "through the desk"), text);
        Assert.Equal(HttpStatusCode.NotFound, (await desk.GetAsync($"/v1/documents/{Orders}/history/7")).Status);
    }

    [Fact]
    public async Task Recording_Throws_IsTriedAgain()
    {
        await using var desk = await TestDesk.StartAsync(_consul);
        await desk.ReadyAsync();
        await desk.PutRecordedAsync(Orders, Attempts(1, "first"));
        var clock = new BreakingClock();
        using var recorder = new HistoryRecorder(
            desk.App.Services.GetRequiredService<DocumentStore>(), desk.App.Services.GetRequiredService<HistoryStore>(),
            clock, Random.Shared, NullLogger<HistoryRecorder>.Instance);

        await recorder.StartAsync(CancellationToken.None);

        var edits = 0;
        await Eventually.TrueAsync(
            async () =>
            {
                await desk.PutRecordedAsync(Orders, Attempts((edits % 3) + 1, $"edit {edits++}"));
                return clock.Reads >= 2 && recorder.Trouble is null;
            },
            "another try",
            desk.Log.Text);
        Assert.False(recorder.ExecuteTask!.IsCompleted);
        await recorder.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Restart_KeepsTheHistory_AndRecordsWhatWasWrittenMeanwhile()
    {
        string mesh, folder;
        await using (var desk = await TestDesk.StartAsync(_consul))
        {
            (mesh, folder) = (desk.Mesh, desk.KeepFolder());
            await desk.ReadyAsync();
            await desk.PutRecordedAsync(Orders, Texts.Attempts3);
        }

        await using var again = await TestDesk.StartAsync(_consul, mesh: mesh, folder: folder);
        await again.PutRecordedAsync(Orders, Texts.Attempts4);

        Assert.Equal(2, (await again.HistoryAsync(Orders)).Length);
    }

    [Fact]
    public async Task Diff_TellsPlacesAndLines()
    {
        await using var desk = await TestDesk.StartAsync(_consul);
        await desk.ReadyAsync();
        await desk.PutRecordedAsync(Orders, "{ \"schema\": 1,\n  \"retry\": { \"maxAttempts\": 3 }\n}");
        await desk.PutRecordedAsync(Orders, "{ \"schema\": 1,\n  // less\n  \"retry\": { \"maxAttempts\": 2 }\n}");

        var (status, diff) = await desk.GetAsync($"/v1/documents/{Orders}/diff");

        Assert.Equal(HttpStatusCode.OK, status);
        var change = diff.GetProperty("changes").EnumerateArray().Single();
        Assert.Equal("/retry/maxAttempts", change.GetProperty("path").GetString());
        Assert.Equal((3, 2), (change.GetProperty("before").GetInt32(), change.GetProperty("after").GetInt32()));
        Assert.Equal(
            [" { \"schema\": 1,", "-  \"retry\": { \"maxAttempts\": 3 }", "+  // less", "+  \"retry\": { \"maxAttempts\": 2 }", " }"],
            diff.GetProperty("text").EnumerateArray().Select(l => l.GetString()));
        Assert.Equal(HttpStatusCode.NotFound, (await desk.GetAsync($"/v1/documents/{Orders}/diff?from=7")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await desk.GetAsync("/v1/documents/policy/global/diff")).Status);
    }

    [Fact]
    public async Task Rollback_InOneCall_IsARevisionOfItsOwnWithWhoAndWhy()
    {
        await using var desk = await TestDesk.StartAsync(_consul);
        await desk.ReadyAsync();
        const string good = "// why three\n{ \"schema\": 1, \"meta\": { \"owner\": \"team\", \"by\": \"ana\", \"ticket\": \"A-1\" }, \"retry\": { \"maxAttempts\": 3 } }";
        var first = await desk.PutRecordedAsync(Orders, good);
        await desk.PutRecordedAsync(Orders, Texts.Attempts4);

        var (status, answer) = await desk.RollbackAsync(Orders, """{ "by": "bob" }""");

        Assert.Equal(HttpStatusCode.OK, status);
        var id = $"{first.ModifyIndex}-{first.Hash}";
        Assert.Equal(id, answer.GetProperty("rolledBackTo").GetString());
        var (_, document) = await desk.GetAsync($"/v1/documents/{Orders}");
        Assert.Equal(
            good.Replace("\"by\": \"ana\", \"ticket\": \"A-1\" }", "", StringComparison.Ordinal)
                .Replace(
                    "{ \"owner\": \"team\", ", $$"""{"owner":"team","by":"bob","why":"rollback to {{id}}"}""", StringComparison.Ordinal),
            document.GetProperty("body").GetString());
        Assert.Equal("bob", document.GetProperty("document").GetProperty("meta").GetProperty("by").GetString());
        await desk.RecordedAsync(Orders, answer.GetProperty("revision").GetProperty("hash").GetString()!);
        Assert.Equal(3, (await desk.HistoryAsync(Orders)).Length);

        // Away from a newest one that was refused: to what is in force.
        await desk.PutAsync(Orders, Texts.TwoMistakes);
        await desk.WaitAsync(Orders, PolicyDocumentState.Refused);
        var (_, back) = await desk.RollbackAsync(Orders, """{ "by": "bob", "why": "INC-7", "ticket": "T" }""");
        Assert.StartsWith(
            answer.GetProperty("revision").GetProperty("modifyIndex").GetRawText() + "-",
            back.GetProperty("rolledBackTo").GetString());
        Assert.Equal(PolicyDocumentState.Accepted, (await desk.FindAsync(Orders))!.State);

        // A document that was deleted comes back.
        await desk.DeleteAsync(Orders);
        await Eventually.TrueAsync(async () => await desk.FindAsync(Orders) is null, "the deletion", desk.Log.Text);
        Assert.Equal(HttpStatusCode.OK, (await desk.RollbackAsync(Orders, """{ "by": "bob" }""")).Status);
        Assert.Equal(PolicyDocumentState.Accepted, (await desk.FindAsync(Orders))!.State);
    }

    [Fact]
    public async Task Rollback_OfASwitch_SignsItToo()
    {
        await using var desk = await TestDesk.StartAsync(_consul);
        await desk.ReadyAsync();
        await desk.PutRecordedAsync(Switch, """{ "off": ["retry"] }""");
        await desk.PutRecordedAsync(Switch, """{ "mode": "bypass", "by": "ana", "why": "panic" }""");

        var (status, _) = await desk.RollbackAsync(Switch, """{ "by": "bob", "why": "calm" }""");

        Assert.Equal(HttpStatusCode.OK, status);
        var found = (await desk.FindAsync(Switch))!.Switch!;
        Assert.Equal((false, "bob", "calm"), (found.Bypass, found.By, found.Why));
        Assert.Equal(["retry"], found.Off);
    }

    [Fact]
    public async Task Rollback_WhileSomebodyElseWrites_IsAConflictThatShowsWhatIsThere()
    {
        await using var desk = await TestDesk.StartAsync(_consul);
        await desk.ReadyAsync();
        await desk.PutRecordedAsync(Orders, Texts.Attempts3);
        var seen = await desk.PutRecordedAsync(Orders, Texts.Attempts4);
        await desk.PutRecordedAsync(Orders, Attempts(5, "meanwhile"));

        var (status, answer) = await desk.RollbackAsync(Orders, $$"""{ "by": "bob", "index": {{seen.ModifyIndex}} }""");

        Assert.Equal(HttpStatusCode.Conflict, status);
        Assert.Equal("conflict", answer.GetProperty("code").GetString());
        Assert.Equal(Attempts(5, "meanwhile"), answer.GetProperty("present").GetProperty("body").GetString());
        Assert.Equal(Hash(Attempts(5, "meanwhile")), (await desk.FindAsync(Orders))!.Revision.Hash);
    }

    [Fact]
    public async Task Rollback_ToWhatIsNoLongerValid_IsRefusedWithTheProblems()
    {
        await using var desk = await TestDesk.StartAsync(_consul);
        await desk.ReadyAsync();
        await desk.PutRecordedAsync(Orders, Texts.Attempts3);

        // What an older desk accepted.
        const string before = """{ "schema": 1, "retry": { "maxAttempts": 9 } }""";
        var name = $"{desk.Mesh}-history/{Orders}/{1:D20}-{Hash(before)}";
        Assert.True(await desk.Consul.PutKeyAsync(name, Encoding.UTF8.GetBytes(before), 0, default));

        var entry = (await desk.HistoryAsync(Orders)).Single(
            e => e.GetProperty("id").GetString() == $"1-{Hash(before)}");
        Assert.Equal("/retry/maxAttempts", entry.GetProperty("problems")[0].GetProperty("path").GetString());
        var (status, answer) = await desk.RollbackAsync(Orders, """{ "by": "bob", "to": "1" }""");

        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        Assert.Equal("/retry/maxAttempts", answer.GetProperty("problems")[0].GetProperty("path").GetString());
        Assert.Equal(Hash(Texts.Attempts3), (await desk.FindAsync(Orders))!.Revision.Hash);
    }

    [Fact]
    public async Task History_OfSomebodyElsesMaking_IsNotShown()
    {
        await using var desk = await TestDesk.StartAsync(_consul);
        await desk.ReadyAsync();
        foreach (var name in (string[])["note", $"{1:D20}-0123456789abcdef", "x-y-z"])
        {
            await desk.Consul.PutKeyAsync($"{desk.Mesh}-history/{Orders}/{name}", "{}"u8.ToArray(), null, default);
        }

        Assert.Empty(await desk.HistoryAsync(Orders));
    }

    [Theory]
    [InlineData("{}", HttpStatusCode.BadRequest)]
    [InlineData("""{ "by": "" }""", HttpStatusCode.BadRequest)]
    [InlineData("""{ "by": "bob", "too": "7" }""", HttpStatusCode.BadRequest)]
    [InlineData("""{ "by": "bob", "to": "7" }""", HttpStatusCode.NotFound)]
    [InlineData("""{ "by": "bob" }""", HttpStatusCode.NotFound)]
    public async Task Rollback_ThatNamesNothing_IsRefused(string body, HttpStatusCode expected)
    {
        await using var desk = await TestDesk.StartAsync(_consul);
        await desk.ReadyAsync();
        await desk.PutRecordedAsync(Orders, Texts.Attempts3);

        Assert.Equal(expected, (await desk.RollbackAsync(Orders, body)).Status);
    }

    private static string Attempts(int attempts, string why) =>
        $$"""{ "schema": 1, "meta": { "by": "ana", "why": "{{why}}" }, "retry": { "maxAttempts": {{attempts}} } }""";

    private static string Hash(string text) => PolicyRevision.HashOf(Encoding.UTF8.GetBytes(text));
}
