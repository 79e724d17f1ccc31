using Mesh.AspNetCore.Tests.Support;
using Mesh.ConfigServer.Documents;
using Mesh.ConfigServer.Tests.Support;
using Mesh.Policy;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mesh.ConfigServer.Tests.Documents;

[Collection(ConsulCollection.Name)]
public sealed class SwitchExpiryTests(ConsulCollection.Agent agent)
{
    private const string Switch = "switches/services/orders";

    private readonly Uri _consul = agent.Consul.Address;

    [Fact]
    public async Task Until_IsNear_TheDeskNeedsNoPush()
    {
        await using var desk = await TestDesk.StartAsync(_consul);
        await desk.ReadyAsync();

        await desk.PutAsync(Switch, $$"""{ "mode": "bypass", "until": "{{DateTimeOffset.UtcNow.AddSeconds(2):O}}" }""");

        await desk.WaitAsync(Switch, PolicyDocumentState.Expired);
    }

    [Fact]
    public async Task Round_Throws_TheNextOneFollows()
    {
        await using var desk = await TestDesk.StartAsync(_consul);
        await desk.ReadyAsync();
        var clock = new BreakingClock();
        var store = desk.App.Services.GetRequiredService<DocumentStore>();
        using var expiry = new SwitchExpiry(store, clock, Random.Shared, NullLogger<SwitchExpiry>.Instance);

        await expiry.StartAsync(CancellationToken.None);

        await Eventually.TrueAsync(() => clock.Reads >= 2, "a second round", desk.Log.Text);
        Assert.False(expiry.ExecuteTask!.IsCompleted);
        await expiry.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Until_PassesBetweenTwoLooksAtTheClock_IsNotMissed()
    {
        // The desk itself is far behind, so that only the one under test ends the switch.
        await using var desk = await TestDesk.StartAsync(
            _consul, time: new SkewedClock { Ahead = TimeSpan.FromDays(-1) });
        await desk.ReadyAsync();
        var until = DateTimeOffset.UtcNow.AddHours(1);
        await desk.PutAsync(Switch, $$"""{ "mode": "bypass", "until": "{{until:O}}" }""");
        await desk.WaitAsync(Switch, PolicyDocumentState.Accepted);
        using var expiry = new SwitchExpiry(
            desk.App.Services.GetRequiredService<DocumentStore>(),
            new LeapingClock(until - TimeSpan.FromMilliseconds(50)),
            Random.Shared, NullLogger<SwitchExpiry>.Instance);

        await expiry.StartAsync(CancellationToken.None);

        await desk.WaitAsync(Switch, PolicyDocumentState.Expired);
        await expiry.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Until_Passes_TheDeskEndsTheSwitchAndTellsEverybody()
    {
        var clock = new SkewedClock();
        await using var desk = await TestDesk.StartAsync(_consul, time: clock);
        await desk.ReadyAsync();
        await using var stream = await DeskStream.OpenAsync(desk.Http, "?services=orders&caller=web");
        await stream.NextAsync();
        var until = DateTimeOffset.UtcNow.AddHours(1);
        await desk.PutAsync(Switch, $$"""{ "mode": "bypass", "by": "ana", "why": "INC-7", "until": "{{until:O}}" }""");

        var thrown = Assert.Single((await stream.NewsAsync()).Documents);
        Assert.Equal(PolicyDocumentState.Accepted, thrown.State);
        var (_, before) = await desk.GetAsync("/v1/policies/orders?caller=web");
        var entry = before.GetProperty("switches").GetProperty("thrown").EnumerateArray().Single();
        Assert.Equal(Switch, entry.GetProperty("key").GetString());
        Assert.Equal(
            ("ana", "INC-7", until),
            (entry.GetProperty("switch").GetProperty("by").GetString(), entry.GetProperty("switch").GetProperty("why").GetString(),
                entry.GetProperty("switch").GetProperty("until").GetDateTimeOffset()));

        // It looks when something happens, and once a minute anyhow.
        clock.Ahead = TimeSpan.FromHours(2);
        await desk.PutAsync("switches/callers/somebody-else", Texts.Bypass);
        var ended = Assert.Single((await stream.NewsAsync()).Documents);
        Assert.Equal((thrown.Revision, PolicyDocumentState.Expired), (ended.Revision, ended.State));
        Assert.True((await desk.FindAsync(Switch))!.Switch!.Expired);
        var (_, after) = await desk.GetAsync("/v1/policies/orders?caller=web");
        Assert.False(after.GetProperty("switches").GetProperty("bypass").GetBoolean());
        Assert.Empty(after.GetProperty("switches").GetProperty("thrown").EnumerateArray());

        // A clock that is set back throws nothing.
        clock.Ahead = TimeSpan.Zero;
        await desk.PutAsync("switches/callers/somebody-else", """{ "off": ["retry"] }""");
        await desk.WaitAsync("switches/callers/somebody-else", d => d.Switch!.Off.Count == 1);
        Assert.True((await desk.FindAsync(Switch))!.Switch!.Expired);

        // Who was away meanwhile holds the right documents, and has to be told nevertheless.
        await using var again = await DeskStream.OpenAsync(desk.Http, "?services=orders&caller=web", stream.LastId);
        var first = (await again.NextAsync())!;
        Assert.Equal(PolicyEventType.Snapshot, first.Type);
        Assert.Equal(PolicyDocumentState.Expired, Assert.Single(first.Documents).State);
    }
}
