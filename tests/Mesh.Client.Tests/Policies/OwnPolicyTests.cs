using System.Text;
using Mesh.Client.Pipeline;
using Mesh.Client.Policies;
using Mesh.Client.Tests.Support;
using Mesh.Policy;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mesh.Client.Tests.Policies;

public sealed class OwnPolicyTests : IDisposable
{
    private const string Strict = """{ "schema": 1, "inbound": { "tls": "strict" } }""";
    private const string Enforce = """{ "schema": 1, "inbound": { "intentions": "enforce" } }""";
    private const string Newer = """{ "schema": 1, "inbound": { "tls": "strict", "quantum": "on" } }""";

    private static readonly PolicyKey Web = PolicyKey.SecurityOf("web");

    private readonly UpstreamFixture _fixture = new UpstreamFixture().With("a");
    private readonly OwnPolicy _own = new("web");
    private readonly PolicyStore _store;
    private int _told;

    public OwnPolicyTests()
    {
        _store = new PolicyStore(
            new MeshSelf("mesh", "web", "web-1", "1", null), false, new(_fixture.Meters), _fixture.Time,
            _fixture.Random,
            NullLogger<PolicyStore>.Instance, _own);
        _own.Changed += () => _told++;
    }

    [Fact]
    public void Nothing_Known_IsTheBuiltInDefaults()
    {
        Assert.Equal(("web", InboundTls.Permissive), (_own.Security.Service, _own.Security.InboundTls));
        Assert.Empty(_own.Inbound.Rates);
        Assert.False(_own.IsUnknown);
        Assert.False(_own.FirstWord.IsCompleted);
    }

    [Fact]
    public void Documents_AboutThisProcess_AreInForceAlsoWhenItCallsNobody()
    {
        Apply(
            Text(PolicyKey.GlobalSecurity, 1, Enforce),
            Text(Web, 2, Strict),
            Text(PolicyKey.TrafficTo("web"), 3, """{ "schema": 1, "inbound": { "concurrency": "adaptive" } }"""),
            Text(PolicyKey.GlobalTraffic, 4, """{ "schema": 1, "inbound": { "rate": [{ "name": "all", "limit": "9 per 1s" }] } }"""));

        Assert.Equal((InboundTls.Strict, RuleMode.Enforce), (_own.Security.InboundTls, _own.Security.Intentions));
        Assert.Equal(("service", "global"), (_own.Security.Origins["/inbound/tls"], _own.Security.Origins["/inbound/intentions"]));
        Assert.True(_own.Inbound.Concurrency!.Adaptive);
        Assert.Equal(9, Assert.Single(_own.Inbound.Rates).Permits);
        Assert.True(_own.FirstWord.IsCompleted);
        Assert.Equal(1, _told);
    }

    [Fact]
    public void Documents_AboutAnother_AreNotEvenKept()
    {
        _store.Attach(_fixture.Upstream);

        Apply(Text(PolicyKey.SecurityOf("orders"), 1, Strict), Text(PolicyKey.SwitchesTo("web"), 2, """{ "mode": "bypass" }"""));

        Assert.Empty(_store.Status.Documents);
        Assert.Equal(InboundTls.Permissive, _own.Security.InboundTls);
        Assert.Equal(0, _told);
    }

    [Fact]
    public void Change_OfTheServicesDocument_ActsAtOnceAndIsToldOnce()
    {
        Apply(Text(Web, 1, Enforce));
        Apply(Text(Web, 1, Enforce));
        Assert.Equal(1, _told);

        Apply(Text(Web, 2, Strict));

        Assert.Equal(InboundTls.Strict, _own.Security.InboundTls);
        Assert.Equal(2, _told);
    }

    [Fact]
    public void Change_OfTheGlobalDocument_IsSpread()
    {
        Apply(Text(PolicyKey.GlobalSecurity, 1, Enforce));
        Assert.Equal(RuleMode.Enforce, _own.Security.Intentions);

        Apply(Text(PolicyKey.GlobalSecurity, 2, """{ "schema": 1, "inbound": { "tls": "off" } }"""));
        Assert.Equal(InboundTls.Permissive, _own.Security.InboundTls);
        Assert.Equal(2ul, _store.NewestOf(PolicyKey.GlobalSecurity)!.ModifyIndex);

        _fixture.Time.Advance(PolicyStore.GlobalSpread);
        Assert.Equal(InboundTls.Off, _own.Security.InboundTls);
        Assert.Equal(2, _told);
    }

    [Fact]
    public void Deletions_OfBothGlobalDocuments_AreSpreadTogether()
    {
        Apply(
            Text(PolicyKey.GlobalSecurity, 1, Enforce),
            Text(PolicyKey.GlobalTraffic, 2, """{ "schema": 1, "inbound": { "concurrency": "adaptive" } }"""));

        _store.Apply(PolicySource.Kv, [], [PolicyKey.GlobalSecurity, PolicyKey.GlobalTraffic]);
        Assert.Equal(RuleMode.Enforce, _own.Security.Intentions);
        _fixture.Time.Advance(PolicyStore.GlobalSpread);

        Assert.Equal(RuleMode.Shadow, _own.Security.Intentions);
        Assert.Null(_own.Inbound.Concurrency);
    }

    [Theory]
    [InlineData(Newer)]
    [InlineData("""{ "schema": 2, "inbound": { "tls": "off" } }""")]
    [InlineData("not json")]
    [InlineData("""{ "schema": 1, "inbound": { "authorization": { "otherwise": "deny" } } }""")]
    public void Document_NotUnderstood_LeavesTheLastGoodWhole(string text)
    {
        Apply(Text(Web, 1, Strict));

        Apply(Text(Web, 2, text));

        Assert.Equal(InboundTls.Strict, _own.Security.InboundTls);
        Assert.False(_own.IsUnknown);
        Assert.Equal(1ul, Assert.Single(_store.Status.Refused).LastGood!.ModifyIndex);
    }

    [Fact]
    public void Document_NotUnderstoodAndNoEarlierOne_IsUnknownUntilOneIsUnderstood()
    {
        Apply(Text(PolicyKey.GlobalSecurity, 1, Enforce), Text(Web, 2, Newer));

        Assert.True(_own.IsUnknown);
        Assert.Equal((InboundTls.Permissive, RuleMode.Enforce), (_own.Security.InboundTls, _own.Security.Intentions));
        Assert.Null(Assert.Single(_store.Status.Refused).LastGood);

        _store.Orphan(PolicySource.Kv, [Web], "test");
        Assert.True(_own.IsUnknown);
        Apply(Text(Web, 3, Strict));

        Assert.False(_own.IsUnknown);
        Assert.Equal(InboundTls.Strict, _own.Security.InboundTls);
        Assert.Equal(2, _told);
    }

    [Fact]
    public void Vanished_WithoutProof_Stays_AndDeletedByProofGoes()
    {
        Apply(Text(Web, 1, Strict));

        _store.Orphan(PolicySource.Kv, [Web], "test");
        Assert.Equal(InboundTls.Strict, _own.Security.InboundTls);

        _store.Apply(PolicySource.Kv, [], [Web]);
        Assert.Equal(InboundTls.Permissive, _own.Security.InboundTls);
    }

    [Fact]
    public void Files_ThenALiveSourceThatListsNothing_KeepsWhatIsAboutSecurity()
    {
        _store.Apply(
            PolicySource.Files,
            [Text(Web, 0, Strict), Text(PolicyKey.TrafficTo("web"), 0, """{ "schema": 1, "inbound": { "concurrency": "adaptive" } }""")],
            []);

        _store.Apply(PolicySource.Kv, [], []);

        Assert.Equal(InboundTls.Strict, _own.Security.InboundTls);
        Assert.Null(_own.Inbound.Concurrency);
        Apply(Text(Web, 7, Enforce));
        Assert.Equal((InboundTls.Permissive, RuleMode.Enforce), (_own.Security.InboundTls, _own.Security.Intentions));
    }

    [Fact]
    public void StandIn_IsAFirstWord() => Assert.True(StandsIn().IsCompletedSuccessfully);

    [Fact]
    public void SourceSilent_EndsTheWaitForAFirstWord()
    {
        _store.SourceSilent();

        Assert.True(_own.FirstWord.IsCompletedSuccessfully);
    }

    [Fact]
    public void Services_ToAskADeskAbout_AreTheUpstreamsAndThisProcess()
    {
        _store.Attach(_fixture.Upstream);

        Assert.Equal(["orders", "web"], _store.Services);
        Assert.Equal(["orders"], _store.Upstreams);
    }

    public void Dispose()
    {
        _store.Dispose();
        _fixture.Dispose();
    }

    private static PolicyText Text(PolicyKey key, ulong index, string text)
    {
        var body = Encoding.UTF8.GetBytes(text);
        return new PolicyText(key, new PolicyRevision("dc1", index, PolicyRevision.HashOf(body)), body);
    }

    private Task StandsIn()
    {
        _store.StandIn([Text(Web, 1, Strict)]);
        Assert.Equal(InboundTls.Strict, _own.Security.InboundTls);
        return _own.FirstWord;
    }

    private void Apply(params PolicyText[] texts) => _store.Apply(PolicySource.Kv, texts, []);
}
