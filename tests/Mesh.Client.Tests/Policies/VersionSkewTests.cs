using System.Text;
using Mesh.Client.Pipeline;
using Mesh.Client.Policies;
using Mesh.Client.Tests.Support;
using Mesh.Policy;
using Mesh.Testing;
using Mesh.Tests.Shared;

namespace Mesh.Client.Tests.Policies;

/// <summary>A client, with a desk, documents and a snapshot of other versions.</summary>
public sealed class VersionSkewTests
{
    private static readonly PolicyKey Orders = PolicyKey.TrafficTo("orders");

    [Fact]
    public async Task Desk_OfTheOldestForm_IsObeyed()
    {
        await using var desk = await FakeDesk.StartAsync();
        desk.FirstEvent = SkewFixture.Read("event.oldest.json");
        await using var bench = Alone(desk);

        await bench.PolicyBecomesAsync(u => TotalOf(u) == TimeSpan.FromSeconds(2));

        Assert.Empty(Assert.Single(bench.Policies.Status.Documents).Ignored);
    }

    [Fact]
    public async Task Desk_ThatSaysMore_IsObeyedAsFarAsUnderstood_AndTheRestIsReported()
    {
        await using var desk = await FakeDesk.StartAsync();
        desk.FirstEvent = SkewFixture.Read("event.additive.json");
        await using var bench = Alone(desk);

        await bench.PolicyBecomesAsync(u => u.Runtime!.Policy.Routes.Count == 2);

        // Sections that are understood apply. Routes whose condition or subset is not are left out whole.
        var policy = bench.Upstream().Runtime!.Policy;
        Assert.Equal(["half", "rest"], policy.Routes.Select(r => r.Name));
        Assert.Equal([4, 3], policy.Routes.Select(r => (int)r.Timeout.Total!.Value.TotalSeconds));
        Assert.Equal([3, 2], policy.Routes.Select(r => r.Retry.MaxAttempts));
        Assert.Equal("peak-ewma", policy.Balance.Algorithm);
        var document = bench.Policies.Status.Documents.Single(d => d.Key == Orders);
        Assert.Equal(ClientDocumentState.IgnoredParts, document.State);
        string[] ignored =
        [
            "/timeout/warmup", "/retry/on/1", "/retry/jitter", "/quantum", "/balance/algorithm",
            "/subsets/near/distance",
            "/routes/0/match/moonPhase", "/routes/0", "/routes/1", "/routes/2/tides",
        ];
        Assert.All(ignored, path => Assert.Contains(document.Ignored, i => i.Path == path));

        // A switch acts with what is understood of it.
        Assert.Equal(new SwitchState(true, Mechanisms.Retry), bench.Upstream().Runtime!.Switches);
        var thrown = bench.Policies.Status.Documents.Single(d => d.Key.Kind == PolicyDocumentKind.Switches);
        Assert.Equal(["/off/1", "/approvedBy"], thrown.Ignored.Select(i => i.Path));

        // Words for events that come later are passed over.
        desk.Say("""{"schema":1,"type":"hint","mesh":"mesh","datacenter":"dc1","hash":"00","later":1}""");
        await PassUntilAsync(bench, () => desk.Reports.Any(r => r.Documents.Any(d => d.Ignored.Count > 0)));
        Assert.Single(desk.Streams);
        Assert.Contains("retry.maxAttempts", desk.Reports.Last().Understands!.Terms);
        Assert.Equal(["orders"], desk.Reports.Last().Upstreams);
    }

    [Fact]
    public async Task Desk_OfAnotherSchema_IsNotBelieved_AndKvStandsIn()
    {
        await using var agent = await ConsulAgent.StartAsync();
        await using var desk = await FakeDesk.StartAsync();
        desk.FirstEvent = SkewFixture.Read("event.next.json");
        desk.ReportStatus = 400;
        await using var bench = new FeedBench(
            agent, o => o.ConfigServer = desk.Address, clock: new ManualTimeProvider());
        await bench.PutAsync("policy/services/orders", SkewFixture.Read("document.next.jsonc"));
        Govern(bench);

        await PassUntilAsync(bench, () => bench.Policies.Status.Source == PolicySource.Kv && Count(bench) == 1);

        // What stands in KV is of the next schema too: what is understood of it applies.
        await bench.PolicyBecomesAsync(u => u.Runtime!.Policy.Routes is [{ Name: "rest" }]);
        var policy = bench.Upstream().Runtime!.Policy;
        Assert.Equal(TimeSpan.FromSeconds(4), policy.Routes[0].Timeout.Total);
        Assert.Equal(TimeSpan.FromSeconds(5), policy.Balance.SlowStart);
        Assert.Equal(PolicyDefaults.Retry.MaxAttempts, policy.Routes[0].Retry.MaxAttempts);
        var ignored = bench.Policies.Status.Documents.Single().Ignored.Select(i => i.Path).ToArray();
        string[] expected =
        [
            "/schema", "/timeout/attempt", "/retry/maxAttempts", "/outlier", "/routes/0/match/path/prefix", "/routes/0",
            "/routes/1/name", "/routes/1",
        ];
        Assert.All(expected, path => Assert.Contains(path, ignored));
        Assert.Contains(bench.Logs.Of(2006), line => line.Contains("schema 2", StringComparison.Ordinal));
        await PassUntilAsync(bench, () => !desk.Reports.IsEmpty);
    }

    [Theory]
    [InlineData("oldest", 2, 0)]
    [InlineData("additive", 3, 1)]
    [InlineData("next", null, 0)]
    public async Task Snapshot_OfAnotherVersion_IsUsedAsFarAsUnderstoodOrIgnoredLoudly(
        string version, int? seconds, int ignoredParts)
    {
        var folder = Directory.CreateTempSubdirectory("mesh-skew-").FullName;
        try
        {
            var self = new MeshSelf("mesh", "web", "web-1", "1", null);
            await File.WriteAllTextAsync(
                SnapshotFile.PathFor(folder, self, "here")!,
                SkewFixture.Read($"snapshot.{version}.json")
                    .Replace("{now}", DateTimeOffset.UtcNow.ToString("O"), StringComparison.Ordinal));
            await using var bench = new FeedBench(
                null, o => (o.Discovery.UseConsul, o.ConfigServer) = (false, "http://127.0.0.1:1"),
                snapshotFolder: folder);
            Govern(bench);

            if (seconds is { } total)
            {
                await bench.PolicyBecomesAsync(u => TotalOf(u) == TimeSpan.FromSeconds(total));
                Assert.Equal(PolicySource.Snapshot, bench.Policies.Status.Source);
            }
            else
            {
                await Eventually.BecomesAsync(
                    () => bench.Logs.Of(1050).Length > 0, () => "Not a word about the snapshot.");
                Assert.Contains("Its schema is 2; 1 is known.", bench.Logs.Of(1050).Single());
                Assert.Empty(bench.Policies.Status.Documents);
            }

            Assert.Equal(ignoredParts, bench.Policies.Status.Documents.Count(d => d.Ignored.Count > 0));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void SecurityDocument_WithWhatIsNotUnderstood_LeavesTheLastGoodInForce()
    {
        var key = PolicyKey.SecurityOf("orders");
        var good = Text(key, 1, """{ "schema": 1, "inbound": { "tls": "strict" } }""");
        var before = StoredDocument.Read(good, PolicySource.Desk, null);

        var after = StoredDocument.Read(
            Text(key, 2, """{ "schema": 1, "inbound": { "tls": "strict", "quantum": "on" } }"""), PolicySource.Desk, before);

        Assert.Same(good, after.Good);
        Assert.Equal(InboundTls.Strict, after.Security!.Inbound!.Tls);
        Assert.Equal(ClientDocumentState.Refused, after.Report(key).State);
        Assert.Equal(ProblemCodes.UnknownField, Assert.Single(after.Problems).Code);
    }

    [Fact]
    public async Task Desk_WithWhatThisProcessDemandsAtItsDoor_IsObeyed()
    {
        await using var desk = await FakeDesk.StartAsync();
        desk.FirstEvent = SkewFixture.Read("event.security.oldest.json");
        await using var bench = Alone(desk);
        var own = bench.Policies.Own;

        await Eventually.BecomesAsync(() => own.Inbound.Rates.Count == 1, () => "Nothing is in force.");

        Assert.Equal(
            (InboundTls.Strict, RuleMode.Enforce, OutboundTls.Require),
            (own.Security.InboundTls, own.Security.Intentions, own.Security.OutboundTls));
        Assert.Equal("global:locked", own.Security.Origins["/inbound/tls"]);
        Assert.Equal("no-batch", Assert.Single(own.Security.LockedAuthorization!.Rules).Name);
        Assert.Null(own.Security.Authorization);
        Assert.True(own.Inbound.Concurrency!.Adaptive);
        Assert.False(own.IsUnknown);
    }

    [Fact]
    public async Task Desk_WithADoorOfALaterVersion_LeavesNothingOfItOut_AndTheProcessIsNotReady()
    {
        await using var desk = await FakeDesk.StartAsync();
        desk.FirstEvent = SkewFixture.Read("event.security.additive.json");
        await using var bench = Alone(desk);
        var own = bench.Policies.Own;

        await Eventually.BecomesAsync(() => own.IsUnknown, () => "It is taken.");

        // Traffic as far as it is understood; of security nothing at all.
        Assert.Equal(["all"], own.Inbound.Rates.Select(r => r.Name));
        Assert.Null(own.Inbound.Concurrency);
        Assert.Equal(InboundTls.Permissive, own.Security.InboundTls);
        var refused = bench.Policies.Status.Refused.Select(d => (d.Key.ToString(), d.Problems[0].Path, d.LastGood)).ToArray();
        Assert.Equal(
            [("security/global", "/schema", null), ("security/services/web", "/inbound/attestation", null)], refused);
        await PassUntilAsync(
            bench, () => desk.Reports.Any(r => r.Documents.Any(d => d.State == ClientDocumentState.Refused)));
        Assert.Contains("security.inbound.tls=strict", desk.Reports.Last().Understands!.Terms);
    }

    [Fact]
    public async Task Desk_WithADoorOfALaterVersion_AfterASnapshot_LeavesTheLastGoodOfEach()
    {
        var folder = Directory.CreateTempSubdirectory("mesh-skew-").FullName;
        try
        {
            var self = new MeshSelf("mesh", "web", "web-1", "1", null);
            await File.WriteAllTextAsync(
                SnapshotFile.PathFor(folder, self, "here")!,
                SkewFixture.Read("snapshot.security.oldest.json")
                    .Replace("{now}", DateTimeOffset.UtcNow.ToString("O"), StringComparison.Ordinal));
            await using var desk = await FakeDesk.StartAsync();
            desk.FirstEvent = SkewFixture.Read("event.security.additive.json");
            await using var bench = new FeedBench(
                null, o => (o.ConfigServer, o.Discovery.UseConsul) = (desk.Address, false), snapshotFolder: folder);

            bench.Policies.Start();
            await Eventually.BecomesAsync(() => bench.Policies.Status.Refused.Count() == 2, () => "Not refused.");

            Assert.Equal((InboundTls.Strict, RuleMode.Enforce), (bench.Policies.Own.Security.InboundTls, bench.Policies.Own.Security.Intentions));
            Assert.False(bench.Policies.Own.IsUnknown);
            Assert.Equal([6ul, 7ul], bench.Policies.Status.Refused.Select(d => d.LastGood!.ModifyIndex));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static PolicyText Text(PolicyKey key, ulong index, string text)
    {
        var body = Encoding.UTF8.GetBytes(text);
        return new PolicyText(key, new PolicyRevision("dc1", index, PolicyRevision.HashOf(body)), body);
    }

    private static FeedBench Alone(FakeDesk desk)
    {
        var bench = new FeedBench(
            null, o => (o.ConfigServer, o.Discovery.UseConsul) = (desk.Address, false),
            clock: new ManualTimeProvider());
        Govern(bench);
        return bench;
    }

    private static void Govern(FeedBench bench)
    {
        bench.Govern();
        bench.GiveEndpoint("orders");
    }

    private static int Count(FeedBench bench) => bench.Policies.Status.Documents.Count;

    private static TimeSpan? TotalOf(Upstream upstream) => upstream.Runtime!.Policy.Routes[^1].Timeout.Total;

    private static Task PassUntilAsync(FeedBench bench, Func<bool> condition) => Eventually.BecomesAsync(
        () =>
        {
            bench.Clock!.Advance(TimeSpan.FromMilliseconds(200));
            return condition();
        },
        () => $"{bench.Policies.Status}");
}
