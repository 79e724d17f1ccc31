using System.Text;
using Mesh.Client.Pipeline;
using Mesh.Client.Policies;
using Mesh.Client.Tests.Support;
using Mesh.Policy;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mesh.Client.Tests.Policies;

public sealed class PolicyStoreTests : IDisposable
{
    private static readonly PolicyKey Orders = PolicyKey.TrafficTo("orders");

    private readonly UpstreamFixture _fixture = new UpstreamFixture().With("a");
    private readonly PolicyStore _store;

    public PolicyStoreTests() => _store = Store(bypass: false);

    private ServiceRuntime Runtime => _fixture.Upstream.Runtime!;

    private TimeSpan? Total => Runtime.Policy.Routes[^1].Timeout.Total;

    [Fact]
    public void Attach_NothingKnown_DefaultsAreInForce()
    {
        _store.Attach(_fixture.Upstream);

        Assert.Equal("default", Runtime.PolicyRevision);
        Assert.Equal(PolicySource.Defaults, _store.Status.Source);
        Assert.Null(_store.Status.Age);
    }

    [Fact]
    public void Apply_DocumentOfAnotherService_IsNotEvenKept()
    {
        _store.Attach(_fixture.Upstream);

        Apply(Text(PolicyKey.TrafficTo("pricing"), 1, 9), Text(PolicyKey.SwitchesOf("other"), 2, 9));

        Assert.Empty(_store.Status.Documents);
        Assert.Equal("default", Runtime.PolicyRevision);
    }

    [Fact]
    public void Apply_GlobalAndService_AreMergedAndNamedInTheRevision()
    {
        _store.Attach(_fixture.Upstream);

        Apply(Text(PolicyKey.GlobalTraffic, 1, 9), Text(Orders, 2, 3));

        Assert.Equal(TimeSpan.FromSeconds(3), Total);
        Assert.Contains("global dc1@1#", Runtime.PolicyRevision, StringComparison.Ordinal);
        Assert.Contains("service dc1@2#", Runtime.PolicyRevision, StringComparison.Ordinal);
    }

    [Fact]
    public void Apply_SameRevisionAgain_CompilesNothing()
    {
        _store.Attach(_fixture.Upstream);
        Apply(Text(Orders, 2, 3));
        var before = Runtime;

        Apply(Text(Orders, 2, 3));

        Assert.Same(before, Runtime);
    }

    [Fact]
    public void Apply_GlobalChanged_ReachesThisProcessWithinTheSpread()
    {
        _store.Attach(_fixture.Upstream);
        Apply(Text(PolicyKey.GlobalTraffic, 1, 9));
        Assert.Equal(TimeSpan.FromSeconds(9), Total);

        Apply(Text(PolicyKey.GlobalTraffic, 2, 8));
        Assert.Equal(TimeSpan.FromSeconds(9), Total);
        Assert.Equal(2ul, _store.NewestOf(PolicyKey.GlobalTraffic)!.ModifyIndex);
        Apply(Text(PolicyKey.GlobalTraffic, 3, 7));

        _fixture.Time.Advance(PolicyStore.GlobalSpread);
        Assert.Equal(TimeSpan.FromSeconds(7), Total);
    }

    [Fact]
    public void Apply_GlobalDeleted_IsSpreadToo()
    {
        _store.Attach(_fixture.Upstream);
        Apply(Text(PolicyKey.GlobalTraffic, 1, 9));

        _store.Apply(PolicySource.Kv, [], [PolicyKey.GlobalTraffic]);
        Assert.Equal(TimeSpan.FromSeconds(9), Total);

        _fixture.Time.Advance(PolicyStore.GlobalSpread);
        Assert.Null(Total);
        Assert.Equal("default", Runtime.PolicyRevision);
    }

    [Fact]
    public void Apply_GlobalSwitch_ActsAtOnce()
    {
        _store.Attach(_fixture.Upstream);
        Apply(Text(PolicyKey.GlobalTraffic, 1, 9));

        Apply(Switch(PolicyKey.GlobalSwitches, 2, """{ "mode": "bypass" }"""));

        Assert.True(Runtime.Switches.Bypass);
    }

    [Fact]
    public void Apply_SwitchWithUntil_FallsBackByItself()
    {
        _store.Attach(_fixture.Upstream);
        var until = _fixture.Time.GetUtcNow().AddMinutes(90);

        Apply(Switch(PolicyKey.SwitchesOf("web"), 2, $$"""{ "off": ["retry"], "until": "{{until:O}}" }"""));

        Assert.Equal(Mechanisms.Retry, Runtime.Switches.Off);
        _fixture.Time.Advance(TimeSpan.FromMinutes(89));
        Assert.Equal(Mechanisms.Retry, Runtime.Switches.Off);
        _fixture.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(SwitchState.None, Runtime.Switches);
    }

    [Fact]
    public void Status_SwitchesOfEveryScope_SayWhoWhyAndUntilWhenTheyAct()
    {
        using var store = Store(bypass: true);
        store.Attach(_fixture.Upstream);
        var until = _fixture.Time.GetUtcNow().AddMinutes(1);
        store.Apply(
            PolicySource.Kv,
            [
                Switch(
                    PolicyKey.SwitchesTo("orders"), 1,
                    $$"""{ "mode": "bypass", "off": ["retry"], "by": "ana", "why": "INC-7", "until": "{{until:O}}" }"""),
                Switch(PolicyKey.SwitchesOf("web"), 2, """{ "off": ["outlier", "warp"] }"""),
                Switch(PolicyKey.GlobalSwitches, 3, """{ "mode": "normal", "why": "nothing is off" }"""),
            ],
            []);

        var (environment, caller, service) = Three(store.Status.SwitchesInForce);
        Assert.Equal(("MESH_MODE", "environment", true), (environment.Source, environment.Scope, environment.Bypass));
        Assert.Equal(("switches/callers/web", "caller", false), (caller.Source, caller.Scope, caller.Bypass));
        Assert.Equal(["eject"], caller.Off);
        Assert.Equal(["orders"], caller.Upstreams);
        Assert.Equal(("switches/services/orders", until), (service.Source, service.Until));
        Assert.Equal($"bypass, retry by ana until {until:yyyy-MM-ddTHH:mm:ssZ}: INC-7", service.ToString());

        _fixture.Time.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(["MESH_MODE", "switches/callers/web"], store.Status.SwitchesInForce.Select(s => s.Source));

        static (SwitchInForce, SwitchInForce, SwitchInForce) Three(IReadOnlyList<SwitchInForce> all)
        {
            Assert.Equal(3, all.Count);
            return (all[0], all[1], all[2]);
        }
    }

    [Fact]
    public void Apply_Refused_KeepsTheLastGoodAndSaysWhy()
    {
        _store.Attach(_fixture.Upstream);
        Apply(Text(Orders, 1, 3));

        Apply(Switch(Orders, 2, """{ "schema": 1, "timeout": { "total": "never" } }"""));

        Assert.Equal(TimeSpan.FromSeconds(3), Total);
        var report = Assert.Single(_store.Status.Refused);
        Assert.Equal((2ul, 1ul), (report.Revision.ModifyIndex, report.LastGood!.ModifyIndex));
        Assert.Equal(1, _fixture.Meters.Count("mesh.policy.updates", ("mesh.result", "refused")));
    }

    [Fact]
    public void Apply_UnknownSection_IsLeftOutAndReported()
    {
        _store.Attach(_fixture.Upstream);

        Apply(Switch(Orders, 1, """{ "schema": 1, "timeout": { "total": "3s" }, "teleport": {} }"""));

        Assert.Equal(TimeSpan.FromSeconds(3), Total);
        Assert.Equal(ClientDocumentState.IgnoredParts, Assert.Single(_store.Status.Documents).State);
    }

    [Fact]
    public void Orphan_ThenWrittenAgain_IsOrdinary()
    {
        _store.Attach(_fixture.Upstream);
        Apply(Text(Orders, 1, 3));

        _store.Orphan(PolicySource.Kv, [Orders], "test");
        Assert.Equal([Orders], _store.Status.Orphaned);
        Assert.Equal(TimeSpan.FromSeconds(3), Total);

        Apply(Text(Orders, 1, 3));
        Assert.Empty(_store.Status.Orphaned);
    }

    [Fact]
    public void IsSuperseded_ReplacedAndDeletedRevisions_AreKnownAsOlder()
    {
        _store.Attach(_fixture.Upstream);
        var (one, two) = (Text(Orders, 1, 3), Text(Orders, 2, 4));
        Apply(one);
        Apply(two);
        Assert.True(_store.IsSuperseded(Orders, one.Revision));
        Assert.False(_store.IsSuperseded(Orders, two.Revision));

        _store.Apply(PolicySource.Kv, [], [Orders]);
        Assert.True(_store.IsSuperseded(Orders, two.Revision));

        Apply(one);
        Assert.False(_store.IsSuperseded(Orders, one.Revision));
    }

    [Fact]
    public void StandIn_ThenALiveSource_ReplacesItAtOnceAlsoForGlobal()
    {
        _store.Attach(_fixture.Upstream);
        Assert.Equal(1, _store.StandIn([Text(PolicyKey.GlobalTraffic, 1, 9)]));
        Assert.Equal(TimeSpan.FromSeconds(9), Total);

        Apply(Text(PolicyKey.GlobalTraffic, 2, 8));

        Assert.Equal(TimeSpan.FromSeconds(8), Total);
        Assert.Equal(0, _store.StandIn([Text(Orders, 1, 1)]));
    }

    [Fact]
    public void StandIn_ForAServiceCalledLater_WaitsForIt_ThoughAListingLacksIt()
    {
        var remembered = Text(Orders, 1, 4);
        Assert.Equal(0, _store.StandIn([remembered]));
        _store.Apply(PolicySource.Kv, [], []);
        Assert.Equal([remembered], _store.Waiting);

        _store.Attach(_fixture.Upstream);

        Assert.Equal(1, _store.StandIn([remembered]));
        Assert.Equal(TimeSpan.FromSeconds(4), Total);
        Assert.Empty(_store.Waiting);
    }

    [Fact]
    public void StandIn_ForAServiceCalledLater_OfWhichASourceSaidThatItIsGone_DoesNot()
    {
        var remembered = Text(Orders, 1, 4);
        _store.StandIn([remembered]);
        _store.Apply(PolicySource.Kv, [], [Orders]);

        _store.Attach(_fixture.Upstream);

        Assert.Equal(0, _store.StandIn([remembered]));
        Assert.Equal("default", Runtime.PolicyRevision);
    }

    [Fact]
    public void StandIn_ForAServiceCalledLater_OfWhichASourceSpoke_IsWhatThatSaid()
    {
        _store.StandIn([Text(Orders, 1, 4)]);
        Apply(Text(Orders, 2, 5));

        Assert.Equal(2ul, Assert.Single(_store.Waiting).Revision.ModifyIndex);
    }

    [Fact]
    public void Apply_LiveSource_ReplacesWhatFilesSaid()
    {
        _store.Attach(_fixture.Upstream);
        _store.Apply(PolicySource.Files, [Text(Orders, 0, 3)], []);

        _store.Apply(PolicySource.Kv, [], []);

        Assert.Equal("default", Runtime.PolicyRevision);
    }

    [Fact]
    public void Bypass_OfTheEnvironment_HoldsWithoutAnyDocument()
    {
        using var store = Store(bypass: true);

        store.Attach(_fixture.Upstream);

        Assert.True(Runtime.Switches.Bypass);
    }

    public void Dispose()
    {
        _store.Dispose();
        _fixture.Dispose();
    }

    private static PolicyText Text(PolicyKey key, ulong index, int seconds) =>
        Switch(key, index, $$"""{ "schema": 1, "timeout": { "total": "{{seconds}}s" } }""");

    private static PolicyText Switch(PolicyKey key, ulong index, string text)
    {
        var body = Encoding.UTF8.GetBytes(text);
        return new PolicyText(key, new PolicyRevision("dc1", index, PolicyRevision.HashOf(body)), body);
    }

    private PolicyStore Store(bool bypass) => new(
        new MeshSelf("mesh", "web", "web-1", "1", null), bypass, new(_fixture.Meters), _fixture.Time, _fixture.Random,
        NullLogger<PolicyStore>.Instance);

    private void Apply(params PolicyText[] texts) => _store.Apply(PolicySource.Kv, texts, []);
}
