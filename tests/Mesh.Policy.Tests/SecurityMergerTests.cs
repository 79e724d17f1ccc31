namespace Mesh.Policy.Tests;

public sealed class SecurityMergerTests
{
    public static TheoryData<string> Cases => SecurityCase.All;

    [Theory]
    [MemberData(nameof(Cases))]
    public void Documents_Merged_GiveTheseValuesAndOrigins(string name) => GoldenFiles.ShouldMatch(
        PolicyWriter.Write(SecurityCase.Merge(name)), "Security/Merged", name, "effective.json");

    [Fact]
    public void NoDocuments_Merged_AreTheBuiltInDefaults()
    {
        var policy = SecurityMerger.Merge("orders", null, null);

        Assert.Equal(InboundTls.Permissive, policy.InboundTls);
        Assert.Equal(RuleMode.Shadow, policy.Intentions);
        Assert.Equal(OutboundTls.Auto, policy.OutboundTls);
        Assert.Null(policy.Authorization);
        Assert.Null(policy.LockedAuthorization);
        Assert.All(policy.Origins.Values, origin => Assert.Equal("default", origin));
    }

    [Fact]
    public void LockedRules_AreAskedBesideThoseOfTheService()
    {
        var policy = SecurityCase.Merge("locked-minimum");

        Assert.Equal("g", Assert.Single(policy.LockedAuthorization!.Rules).Name);
        Assert.Equal("s", Assert.Single(policy.Authorization!.Rules).Name);
    }

    [Fact]
    public void ServiceThatLoosens_IsToldEveryValueThatHasNoEffect()
    {
        var (global, service) = (SecurityCase.Global("locked-minimum"), SecurityCase.Service("locked-minimum")!);

        var problems = SecurityLocks.FindLoosened(global, service);

        GoldenFiles.ShouldMatch(
            GoldenFiles.Print(problems), "Security/Merged", "locked-minimum", "loosened.problems.json");
    }

    [Theory]
    [InlineData("service-over-global")]
    [InlineData("locked-tightened")]
    public void ServiceThatTightens_OrIsFree_IsToldNothing(string name) =>
        Assert.Empty(SecurityLocks.FindLoosened(SecurityCase.Global(name), SecurityCase.Service(name)!));

    [Fact]
    public void Inbound_OfNoDocuments_LimitsNothing()
    {
        var policy = PolicyMerger.MergeInbound(null, null);

        Assert.Empty(policy.Rates);
        Assert.Null(policy.Concurrency);
        Assert.All(policy.Origins.Values, origin => Assert.Equal("default", origin));
    }

    [Theory]
    [InlineData("""{ "concurrency": "adaptive" }""", null, true, 20, 1000)]
    [InlineData("""{ "concurrency": { "mode": "fixed", "max": 64 } }""", null, false, 20, 64)]
    [InlineData("""{ "concurrency": { "max": 10 } }""", null, true, 10, 10)]
    [InlineData("""{ "concurrency": { "min": 50, "max": 90 } }""", """{ "concurrency": { "max": 30 } }""", true, 30, 30)]
    [InlineData("""{ "concurrency": "off" }""", """{ "concurrency": { "min": 2000 } }""", true, 2000, 2000)]
    public void Concurrency_OfTwoLayers_IsMerged(string global, string? service, bool adaptive, int min, int max)
    {
        var policy = PolicyMerger.MergeInbound(Traffic(global), service is null ? null : Traffic(service));

        Assert.Equal(new InboundConcurrency { Adaptive = adaptive, Min = min, Max = max }, policy.Concurrency);
    }

    [Fact]
    public void Inbound_TurnedOffByTheService_IsOff()
    {
        var policy = PolicyMerger.MergeInbound(
            Traffic("""{ "rate": [{ "name": "a", "limit": "3 per 1s" }], "concurrency": "adaptive" }"""),
            Traffic("""{ "rate": "off", "concurrency": "off" }"""));

        Assert.Empty(policy.Rates);
        Assert.Null(policy.Concurrency);
        Assert.Equal("service", policy.Origins["/inbound/rate"]);
        Assert.Equal("service", policy.Origins["/inbound/concurrency/enabled"]);
    }

    [Fact]
    public void Rate_WithoutABurst_HoldsWhatItGrantsInOneWindow()
    {
        var rate = Assert.Single(PolicyMerger.MergeInbound(
            Traffic("""{ "rate": [{ "name": "a", "limit": "3 per 10s" }] }"""), null).Rates);

        Assert.Equal((3, TimeSpan.FromSeconds(10), 3, true, false), (rate.Permits, rate.Window, rate.Burst, rate.PerCaller, rate.Shadow));
    }

    private static TrafficDocument Traffic(string inbound)
    {
        var body = System.Text.Encoding.UTF8.GetBytes($$"""{ "schema": 1, "inbound": {{inbound}} }""");
        var result = PolicyReader.ReadTraffic(body, PolicyKey.GlobalTraffic, ReadOptions.Strict);
        Assert.Empty(result.Problems);
        return result.Document!;
    }
}
