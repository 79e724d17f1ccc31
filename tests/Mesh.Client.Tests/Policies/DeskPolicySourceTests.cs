using System.Collections.Concurrent;
using Mesh.Client.Discovery;
using Mesh.Client.Pipeline;
using Mesh.Client.Policies;
using Mesh.Client.Tests.Support;
using Mesh.Consul;
using Mesh.Policy;
using Mesh.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mesh.Client.Tests.Policies;

public sealed class DeskPolicySourceTests
{
    private static readonly PolicyKey Orders = PolicyKey.TrafficTo("orders");

    [Fact]
    public async Task Report_WhoeverCameToTheDoor_IsInTheNextOne()
    {
        await using var desk = await FakeDesk.StartAsync();
        await using var bench = Alone(desk);
        bench.Door.Plaintext("batch");
        Govern(bench);

        await PassUntilAsync(bench, () => !desk.Reports.IsEmpty, "No report.");
        bench.Door.WouldDeny("shop", "intention");
        await PassUntilAsync(bench, () => desk.Reports.Last().Inbound!.WouldDeny.Count > 0, "No later report.");

        var inbound = desk.Reports.Last().Inbound!;
        Assert.Equal(("permissive", "shadow"), (inbound.Tls, inbound.Intentions));
        Assert.Null(inbound.Identity);
        Assert.Equal(("batch", 1), (inbound.Plaintext.Single().Caller, inbound.Plaintext.Single().Count));
        Assert.Equal(("shop", "intention"), (inbound.WouldDeny.Single().Caller, inbound.WouldDeny.Single().Rule));
    }

    [Fact]
    public async Task Report_AnotherUpstream_IsToldAtOnceAndNotWithTheNextBeat()
    {
        await using var desk = await FakeDesk.StartAsync();
        await using var bench = Alone(desk);
        Govern(bench);
        await PassUntilAsync(bench, () => desk.Reports.Any(r => r.Source == PolicySource.Desk), "No report.");
        var before = bench.Clock!.GetUtcNow();

        Govern(bench, "stock");

        await PassUntilAsync(
            bench, () => desk.Reports.Last().Upstreams!.Contains("stock"), "Nothing was said of stock.");
        Assert.InRange(bench.Clock.GetUtcNow() - before, TimeSpan.Zero, TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task Stream_SnapshotChangeRemoval_UpstreamObeysAndReports()
    {
        await using var desk = await FakeDesk.StartAsync();
        desk.Holding(Total(5, 2));
        await using var bench = Alone(desk, o => o.ConfigServerToken = "secret");

        Govern(bench);
        await TotalBecomesAsync(bench, 2);
        desk.Change(Total(6, 3));
        await TotalBecomesAsync(bench, 3);
        desk.Change(FakeDesk.Document(Orders, 7, """{ "timeout": { "total": 1 } }"""));
        await Eventually.BecomesAsync(() => bench.Policies.Status.Refused.Any(), () => "Not refused.");
        await TotalBecomesAsync(bench, 3);
        desk.Remove(Orders);
        await bench.PolicyBecomesAsync(u => u.Runtime!.PolicyRevision == "default");

        Assert.All(desk.Streams, s => Assert.Equal("Bearer secret", s.Authorization));
        Assert.Contains("services=orders", desk.Streams.First().Query, StringComparison.Ordinal);
        await PassUntilAsync(bench, () => desk.Reports.Any(r => r.Source == PolicySource.Desk), "No report.");
        Assert.Equal(("web-1", "web"), (desk.Reports.First().Instance, desk.Reports.First().Service));
    }

    [Fact]
    public async Task Stream_BrokenOff_ResumesFromWhatItKnows()
    {
        await using var desk = await FakeDesk.StartAsync();
        desk.Holding(Total(5, 2));
        await using var bench = Alone(desk);
        Govern(bench);
        await TotalBecomesAsync(bench, 2);

        desk.Drop();

        await PassUntilAsync(bench, () => desk.Streams.Count >= 2, "No second stream.");
        Assert.Equal(PolicySnapshotWire.HashOf([Total(5, 2)]), desk.Streams.Last().LastEventId);
        desk.Change(Total(6, 3));
        await TotalBecomesAsync(bench, 3);
    }

    [Fact]
    public async Task Stream_Silent_IsLostAfterThreeHeartbeatsAndAskedAgain()
    {
        await using var desk = await FakeDesk.StartAsync();
        desk.Holding(Total(5, 2));
        await using var bench = Alone(desk);
        Govern(bench);
        await TotalBecomesAsync(bench, 2);

        bench.Clock!.Advance(DeskPolicySource.Heartbeat * 2);
        desk.Heartbeat();
        await Eventually.BecomesAsync(() => bench.Policies.Status.Age < TimeSpan.FromSeconds(1), () => "Not heard.");
        bench.Clock.Advance(DeskPolicySource.Heartbeat * 2);
        Assert.Single(desk.Streams);

        bench.Clock.Advance(DeskPolicySource.Heartbeat * 2);

        await PassUntilAsync(bench, () => desk.Streams.Count >= 2, "No second stream.");
        Assert.Equal(TimeSpan.FromSeconds(2), TotalOf(bench));
    }

    [Fact]
    public async Task Stream_LaggingReplicaAnswers_NeverGoesBack()
    {
        await using var desk = await FakeDesk.StartAsync();
        desk.Holding(Total(5, 2));
        await using var bench = Alone(desk);
        Govern(bench);
        await TotalBecomesAsync(bench, 2);
        desk.Change(Total(6, 3));
        await TotalBecomesAsync(bench, 3);

        desk.Holding(Total(5, 2));
        desk.Drop();
        await PassUntilAsync(bench, () => desk.Streams.Count >= 2, "No second stream.");
        for (var i = 0; i < 10; i++)
        {
            desk.Heartbeat();
            await Eventually.BecomesAsync(() => bench.Logs.Of(2008).Length > 0, () => "Not doubted.");
            Assert.Equal(TimeSpan.FromSeconds(3), TotalOf(bench));
            Assert.True(bench.Policies.Status.Age >= DeskPolicySource.Heartbeat * i, "What is not believed is no sign of life.");
            bench.Clock!.Advance(DeskPolicySource.Heartbeat);
        }

        desk.Change(Total(9, 4));
        desk.Heartbeat();
        await TotalBecomesAsync(bench, 3 + 1, desk);
    }

    [Fact]
    public async Task Stream_LyingDesk_IsLeftAndAskedAnew()
    {
        await using var desk = await FakeDesk.StartAsync();
        desk.Holding(Total(5, 2));
        await using var bench = Alone(desk);
        Govern(bench);
        await TotalBecomesAsync(bench, 2);

        desk.Change(Total(6, 3) with { Body = """{ "timeout": { "total": "9s" } }""" });

        await PassUntilAsync(bench, () => desk.Streams.Count >= 2, "No second stream.");
        Assert.Equal("", desk.Streams.Last().LastEventId);
        Assert.Equal(TimeSpan.FromSeconds(2), TotalOf(bench));
    }

    [Fact]
    public async Task Stream_UpstreamComesLater_AsksForItToo()
    {
        await using var desk = await FakeDesk.StartAsync();
        desk.Holding(Total(5, 2));
        await using var bench = Alone(desk);
        Govern(bench);
        await TotalBecomesAsync(bench, 2);

        Govern(bench, "pricing");

        await PassUntilAsync(bench, () => desk.Streams.Count >= 2, "No second stream.");
        Assert.Contains("services=orders%2Cpricing", desk.Streams.Last().Query, StringComparison.Ordinal);
        await TotalBecomesAsync(bench, 2);
    }

    [Fact]
    public async Task Stream_SaysThatASwitchIsOver_EndsItWhateverTheClockHereSays()
    {
        var key = PolicyKey.SwitchesTo("orders");
        var thrown = FakeDesk.Document(key, 7, """{ "mode": "bypass", "until": "2099-01-01T00:00:00Z" }""");
        await using var desk = await FakeDesk.StartAsync();
        desk.Holding(thrown);
        await using var bench = Alone(desk);
        Govern(bench);
        await bench.PolicyBecomesAsync(u => u.Runtime!.Switches.Bypass);

        desk.Change(thrown with { State = PolicyDocumentState.Expired });

        await bench.PolicyBecomesAsync(u => !u.Runtime!.Switches.Bypass);
        Assert.Empty(bench.Policies.Status.SwitchesInForce);

        // Of that revision alone: one that is thrown anew acts.
        desk.Change(FakeDesk.Document(key, 8, """{ "mode": "bypass", "until": "2099-01-02T00:00:00Z" }"""));
        await bench.PolicyBecomesAsync(u => u.Runtime!.Switches.Bypass);
    }

    [Fact]
    public async Task Desk_LostForLong_FallsBackToKvAndReturns()
    {
        await using var agent = await ConsulAgent.StartAsync();
        var desk = await FakeDesk.StartAsync();
        await using var bench = new FeedBench(
            agent, o => o.ConfigServer = desk.Address, clock: new ManualTimeProvider());
        await bench.PutAsync("policy/services/orders", """{ "schema": 1, "timeout": { "total": "7s" } }""");
        desk.Holding(Total(5, 2));
        Govern(bench);
        await TotalBecomesAsync(bench, 2);

        await desk.DisposeAsync();
        await PassUntilAsync(bench, () => TotalOf(bench) == TimeSpan.FromSeconds(7), "KV was not read.");
        Assert.Equal(PolicySource.Kv, bench.Policies.Status.Source);

        await using var again = await FakeDesk.StartAsync(desk.Address);
        again.Holding(Total(5, 2)); // what it knew when it died: older than what KV said
        await PassUntilAsync(bench, () => bench.Logs.Of(2008).Length > 0, "The desk did not come back.");
        Assert.Equal((TimeSpan.FromSeconds(7), PolicySource.Kv), (TotalOf(bench), bench.Policies.Status.Source));

        var key = await bench.Operator.GetKeyAsync("mesh/policy/services/orders", ConsulQuery.None, default);
        again.Change(FakeDesk.Document(
            Orders, key.Value!.ModifyIndex, """{ "schema": 1, "timeout": { "total": "7s" } }"""));
        await PassUntilAsync(
            bench, () => bench.Policies.Status.Source == PolicySource.Desk, "The desk did not catch up.");
        Assert.Equal(TimeSpan.FromSeconds(7), TotalOf(bench));
    }

    [Fact]
    public async Task Desk_OneOfTwoReplicasLost_TheOtherSuppliesAndKvIsNotRead()
    {
        await using var agent = await ConsulAgent.StartAsync();
        var desks = new List<FakeDesk> { await FakeDesk.StartAsync(), await FakeDesk.StartAsync() };
        desks.ForEach(d => d.Holding(Total(5, 2)));
        await using var bench = new FeedBench(
            agent, o => o.ConfigServer = $"{desks[0].Address}, {desks[1].Address}/", clock: new ManualTimeProvider());
        await bench.PutAsync("policy/services/orders", """{ "schema": 1, "timeout": { "total": "7s" } }""");
        Govern(bench);
        await TotalBecomesAsync(bench, 2);

        var (asked, other) = desks[0].Streams.IsEmpty ? (desks[1], desks[0]) : (desks[0], desks[1]);
        await asked.DisposeAsync();
        await PassUntilAsync(bench, () => !other.Streams.IsEmpty, "The other replica was not asked.");
        other.Change(Total(6, 3));
        await TotalBecomesAsync(bench, 3, other);

        Assert.Equal(PolicySource.Desk, bench.Policies.Status.Source);
        Assert.Equal(other.Streams.First().LastEventId, PolicySnapshotWire.HashOf([Total(5, 2)]));
        Assert.Empty(bench.Logs.Of(2009));
        await other.DisposeAsync();
    }

    [Fact]
    public async Task Desk_LagsForLong_KvIsReadInsteadAndNothingGoesBack()
    {
        const string seven = """{ "schema": 1, "timeout": { "total": "7s" } }""";
        await using var agent = await ConsulAgent.StartAsync();
        await using var desk = await FakeDesk.StartAsync();
        await using var bench = new FeedBench(
            agent, o => o.ConfigServer = desk.Address, clock: new ManualTimeProvider());
        await bench.PutAsync("policy/services/orders", seven);
        var key = await bench.Operator.GetKeyAsync("mesh/policy/services/orders", ConsulQuery.None, default);
        desk.Holding(FakeDesk.Document(Orders, key.Value!.ModifyIndex, seven));
        Govern(bench);
        await TotalBecomesAsync(bench, 7);

        desk.Holding(Total(1, 2));
        desk.Drop();
        var wentBack = false;
        await PassUntilAsync(
            bench,
            () =>
            {
                desk.Heartbeat();
                wentBack |= TotalOf(bench) != TimeSpan.FromSeconds(7);
                return bench.Policies.Status.Source == PolicySource.Kv && bench.Logs.Of(2032).Length > 0;
            },
            "KV was not read although the desk lags.");

        Assert.False(wentBack);
        Assert.NotEmpty(bench.Logs.Of(2008));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Desk_OnlyInTheCatalog_IsTrustedInDevelopmentOnly(bool isDevelopment)
    {
        await using var agent = await ConsulAgent.StartAsync();
        await using var desk = await FakeDesk.StartAsync();
        desk.Holding(Total(5, 2));
        await using var bench = new FeedBench(agent, isDevelopment: isDevelopment);
        await bench.RegisterAsync("desk", new Uri(desk.Address).Port, DeskFinder.DeskService);
        await bench.PutAsync("policy/services/orders", """{ "schema": 1, "timeout": { "total": "7s" } }""");

        Govern(bench);

        await TotalBecomesAsync(bench, isDevelopment ? 2 : 7);
        Assert.Equal(isDevelopment ? PolicySource.Desk : PolicySource.Kv, bench.Policies.Status.Source);
        Assert.Equal(isDevelopment, !desk.Streams.IsEmpty);
    }

    [Fact]
    public async Task Desk_NeverThere_KvIsReadSoon()
    {
        await using var agent = await ConsulAgent.StartAsync();
        var clock = new ManualTimeProvider();
        await using var bench = new FeedBench(agent, o => o.ConfigServer = "http://127.0.0.1:1", clock: clock);
        await bench.PutAsync("policy/services/orders", """{ "schema": 1, "timeout": { "total": "7s" } }""");
        var started = clock.GetUtcNow();

        Govern(bench);

        await PassUntilAsync(bench, () => TotalOf(bench) == TimeSpan.FromSeconds(7), "KV was not read.");
        Assert.True(clock.GetUtcNow() - started < TimeSpan.FromSeconds(25), "Defaults were in force for too long.");
    }

    [Fact]
    public async Task Loggers_Throw_EveryRevisionIsInForceAndALossIsSurvived()
    {
        using var loggers = new ThrowingLoggers();
        await using var desk = await FakeDesk.StartAsync();
        desk.Holding(Total(5, 2));
        await using var bench = Alone(desk, logs: loggers);

        Govern(bench);
        await TotalBecomesAsync(bench, 2);
        desk.Drop();
        await PassUntilAsync(bench, () => desk.Streams.Count >= 2, "No second stream.");
        desk.Change(Total(6, 3));
        await TotalBecomesAsync(bench, 3);

        Assert.True(loggers.Lines > 0);
    }

    [Fact]
    public async Task Stream_EndsByWhatNobodyExpected_IsALossLikeAnyOther()
    {
        var clock = new ManualTimeProvider();
        var random = new SeededRandom(1);
        var self = new MeshSelf("mesh", "web", "web-1", "1", null);
        using var loggers = new ThrowingLoggers();
        await using var fake = await FakeDesk.StartAsync();
        using var desk = new DeskClient(
            [new DeskReplica(new Uri(fake.Address), IsNamed: true)], null, self, clock, random);
        using var store = new PolicyStore(
            self, false, TestMeters.Silent(), clock, random, NullLogger<PolicyStore>.Instance);
        using var source = new DeskPolicySource(
            desk, null, store, TestMeters.Silent(), clock, random, loggers.CreateLogger<DeskPolicySource>());
        var unexpected = new InvalidOperationException("Nobody expected this.");
        var lost = new ConcurrentQueue<Exception>();
        source.Lost += lost.Enqueue;
        source.Lost += _ => throw unexpected;
        source.Connected += () => throw unexpected;

        source.Start();

        await Eventually.BecomesAsync(
            () =>
            {
                clock.Advance(TimeSpan.FromMilliseconds(200));
                return fake.Streams.Count >= 3;
            },
            () => $"{fake.Streams.Count} streams, {lost.Count} losses.");
        Assert.True(lost.Count >= 2);
    }

    private static FeedBench Alone(
        FakeDesk desk, Action<MeshOptions>? configure = null, ILoggerFactory? logs = null) => new(
        agent: null,
        o =>
        {
            o.ConfigServer = desk.Address;
            o.Discovery.UseConsul = false;
            configure?.Invoke(o);
        },
        clock: new ManualTimeProvider(),
        logs: logs);

    private static PolicyDocumentWire Total(ulong index, int seconds) =>
        FakeDesk.Document(Orders, index, $$"""{ "schema": 1, "timeout": { "total": "{{seconds}}s" } }""");

    private static void Govern(FeedBench bench, string service = "orders")
    {
        bench.Govern(service);
        bench.GiveEndpoint(service);
    }

    private static TimeSpan? TotalOf(FeedBench bench) => bench.Upstream().Runtime?.Policy.Routes[^1].Timeout.Total;

    /// <summary>Lets seconds pass, for backoff and pauses, until it happens.</summary>
    private static Task PassUntilAsync(FeedBench bench, Func<bool> condition, string otherwise) =>
        Eventually.BecomesAsync(
        () =>
        {
            bench.Clock!.Advance(TimeSpan.FromMilliseconds(200));
            return condition();
        },
        () => otherwise);

    private static Task TotalBecomesAsync(FeedBench bench, int seconds, FakeDesk? beating = null) =>
        Eventually.BecomesAsync(
        () =>
        {
            if (beating is not null)
            {
                bench.Clock!.Advance(TimeSpan.FromSeconds(1));
                beating.Heartbeat();
            }

            return TotalOf(bench) == TimeSpan.FromSeconds(seconds);
        },
        () => $"Total is {TotalOf(bench)}, not {seconds} s; {bench.Policies.Status}.");
}
