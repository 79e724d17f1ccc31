using System.Diagnostics;
using System.Net;
using Mesh.AspNetCore.Tests.Support;
using Mesh.ConfigServer.Tests.Support;
using Mesh.Policy;

namespace Mesh.ConfigServer.Tests.Streaming;

[Collection(ConsulCollection.Name)]
public sealed class PolicyStreamTests(ConsulCollection.Agent agent)
{
    private const string Orders = "policy/services/orders";
    private const string Payments = "policy/services/payments";
    private const string OfWeb = "?services=orders&caller=web";

    private readonly Uri _consul = agent.Consul.Address;

    [Fact]
    public async Task Snapshot_ComesFirst_WithWhatWasAskedForAndNothingElse()
    {
        await using var desk = await TestDesk.StartAsync(_consul);
        string[] wanted = ["policy/global", Orders, "switches/callers/web"];
        foreach (var key in wanted[..2].Append(Payments))
        {
            await desk.PutAsync(key, Texts.Attempts3);
            await desk.WaitAsync(key, PolicyDocumentState.Accepted);
        }

        foreach (var key in new[] { wanted[2], "switches/callers/batch" })
        {
            await desk.PutAsync(key, Texts.Bypass);
            await desk.WaitAsync(key, PolicyDocumentState.Accepted);
        }

        await using var stream = await DeskStream.OpenAsync(desk.Http, OfWeb);
        var first = (await stream.NextAsync())!;

        Assert.Equal(PolicyEventType.Snapshot, first.Type);
        Assert.Equal(desk.Mesh, first.Mesh);
        Assert.Equal(wanted, first.Documents.Select(d => d.Key.ToString()));
        Assert.Equal(Texts.Attempts3, first.Documents[0].Body);
        Assert.Equal(PolicySnapshotWire.HashOf(first.Documents), first.Hash);

        await using var everything = await DeskStream.OpenAsync(desk.Http, "");
        Assert.Equal(5, (await everything.NextAsync())!.Documents.Count);
    }

    [Fact]
    public async Task Change_IsSentAtOnce_AndDeletionToo()
    {
        await using var desk = await TestDesk.StartAsync(_consul);
        await desk.PutAsync("policy/global", Texts.Attempts3);
        await desk.WaitAsync("policy/global", PolicyDocumentState.Accepted);
        await using var stream = await DeskStream.OpenAsync(desk.Http, OfWeb);
        await stream.NextAsync();

        await desk.PutAsync(Payments, Texts.Attempts3);
        var watch = Stopwatch.StartNew();
        await desk.PutAsync(Orders, Texts.Attempts4);
        var change = await stream.NewsAsync();

        // Far below the heartbeat, and far above what a loaded machine adds to the 100 ms of coalescing.
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(4), $"took {watch.Elapsed}");
        Assert.Equal(PolicyEventType.Change, change.Type);
        var document = Assert.Single(change.Documents);
        Assert.Equal((Orders, Texts.Attempts4), (document.Key.ToString(), document.Body));

        await desk.DeleteAsync(Orders);
        var removal = await stream.NewsAsync();
        Assert.Equal(Orders, Assert.Single(removal.Removed).ToString());
        Assert.Empty(removal.Documents);
    }

    [Fact]
    public async Task Refused_SendsNoNewBody_ButTheStateOfTheOneInForce()
    {
        await using var desk = await TestDesk.StartAsync(_consul);
        await desk.PutAsync(Orders, Texts.Attempts3);
        await desk.WaitAsync(Orders, PolicyDocumentState.Accepted);
        await using var stream = await DeskStream.OpenAsync(desk.Http, OfWeb);
        var snapshot = (await stream.NextAsync())!;

        await desk.PutAsync(Orders, Texts.TwoMistakes);
        var change = await stream.NewsAsync();

        var document = Assert.Single(change.Documents);
        Assert.Equal((PolicyDocumentState.Refused, Texts.Attempts3), (document.State, document.Body));
        Assert.Equal(snapshot.Hash, change.Hash);
    }

    [Fact]
    public async Task Silence_IsBrokenByHeartbeats()
    {
        await using var desk = await TestDesk.StartAsync(_consul, ["Desk:Heartbeat=00:00:00.200"]);
        await desk.ReadyAsync();
        await using var stream = await DeskStream.OpenAsync(desk.Http, OfWeb);
        var snapshot = (await stream.NextAsync())!;

        for (var i = 0; i < 3; i++)
        {
            var heartbeat = (await stream.NextAsync())!;
            Assert.Equal((PolicyEventType.Heartbeat, snapshot.Hash), (heartbeat.Type, heartbeat.Hash));
        }
    }

    [Fact]
    public async Task Resume_WithWhatIsHeld_GetsAHeartbeat_AndElseASnapshot()
    {
        await using var desk = await TestDesk.StartAsync(_consul);
        await desk.PutAsync(Orders, Texts.Attempts3);
        await desk.WaitAsync(Orders, PolicyDocumentState.Accepted);
        string id;
        await using (var first = await DeskStream.OpenAsync(desk.Http, OfWeb))
        {
            await first.NextAsync();
            id = first.LastId;
        }

        await using (var resumed = await DeskStream.OpenAsync(desk.Http, OfWeb, id))
        {
            Assert.Equal(PolicyEventType.Heartbeat, (await resumed.NextAsync())!.Type);
            await desk.PutAsync(Orders, Texts.Attempts4);
            Assert.Equal(Texts.Attempts4, Assert.Single((await resumed.NewsAsync()).Documents).Body);
        }

        await using var late = await DeskStream.OpenAsync(desk.Http, OfWeb, id);
        var snapshot = (await late.NextAsync())!;
        Assert.Equal(PolicyEventType.Snapshot, snapshot.Type);
        Assert.Equal(Texts.Attempts4, Assert.Single(snapshot.Documents).Body);
    }

    [Fact]
    public async Task BurstOfChanges_GoesOutAsOne()
    {
        await using var desk = await TestDesk.StartAsync(_consul, ["Desk:Coalesce=00:00:02"]);
        await desk.ReadyAsync();
        await using var stream = await DeskStream.OpenAsync(desk.Http, "");
        await stream.NextAsync();

        for (var i = 0; i < 10; i++)
        {
            await desk.PutAsync($"policy/services/s{i}", Texts.Attempts3);
        }

        Assert.Equal(10, (await stream.NewsAsync()).Documents.Count);
    }

    [Fact]
    public async Task Stop_EndsStreamsAtOnce()
    {
        await using var desk = await TestDesk.StartAsync(_consul);
        await desk.ReadyAsync();
        await using var stream = await DeskStream.OpenAsync(desk.Http, OfWeb);
        await stream.NextAsync();

        var watch = Stopwatch.StartNew();
        await desk.App.StopAsync();

        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), $"took {watch.Elapsed}");
    }

    [Fact]
    public async Task TooManyStreams_AreRefused_AndRoomComesBack()
    {
        await using var desk = await TestDesk.StartAsync(_consul, ["Desk:MaxStreams=1", "Desk:Heartbeat=00:00:00.100"]);
        await desk.ReadyAsync();
        await using (var first = await DeskStream.OpenAsync(desk.Http, OfWeb))
        {
            await first.NextAsync();
            using var second = await desk.Http.GetAsync("/v1/policies/stream");
            Assert.Equal(HttpStatusCode.ServiceUnavailable, second.StatusCode);
        }

        await Eventually.TrueAsync(async () =>
        {
            using var answer = await desk.Http.GetAsync("/v1/policies/stream", HttpCompletionOption.ResponseHeadersRead);
            return answer.IsSuccessStatusCode;
        }, "room for another stream", desk.Log.Text);
    }
}
