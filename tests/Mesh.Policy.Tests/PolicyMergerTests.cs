using System.Text.Json;

namespace Mesh.Policy.Tests;

public sealed class PolicyMergerTests
{
    public static TheoryData<string> Cases => GoldenCase.All;

    [Theory]
    [MemberData(nameof(Cases))]
    public void Documents_Merged_GiveTheseValuesAndOrigins(string name) =>
        GoldenFiles.ShouldMatch(PolicyWriter.Write(GoldenCase.Merge(name)), "Merged", name, "effective.json");

    [Theory]
    [MemberData(nameof(Cases))]
    public void Origins_OfAnyMerge_CoverEveryValueAndNothingElse(string name) =>
        EffectivePaths.ShouldEqualOrigins(GoldenCase.Merge(name));

    [Fact]
    public void NoDocuments_Merged_AreTheBuiltInDefaults()
    {
        var policy = PolicyMerger.Merge("orders", null, null);

        Assert.Equal(PolicyWriter.Write(PolicyDefaults.For("orders")), PolicyWriter.Write(policy));
        var route = Assert.Single(policy.Routes);
        Assert.Equal(RouteRule.CatchAllName, route.Name);
        Assert.Null(route.Match);
        Assert.Empty(route.Split);
        Assert.Same(PolicyDefaults.Timeout, route.Timeout);
        Assert.Same(PolicyDefaults.Retry, route.Retry);
        Assert.Same(PolicyDefaults.Balance, policy.Balance);
        Assert.Same(PolicyDefaults.Outlier, policy.Outlier);
        Assert.Empty(policy.Subsets);
        Assert.All(policy.Origins.Values, origin => Assert.Equal("default", origin));
    }

    [Fact]
    public void Headers_OfAMatch_AreFoundInAnyCase()
    {
        var headers = GoldenCase.Merge("layers").Routes[0].Match!.Headers!;

        Assert.Equal(new StringMatch(StringMatchKind.Exact, "yes"), headers["x-beta"]);
    }

    [Fact]
    public void RetryWords_Merged_BecomeConditionsAndNumbers()
    {
        var retry = GoldenCase.Merge("layers").Routes[0].Retry;

        Assert.Equal(RetryConditions.Connect, retry.Conditions);
        Assert.Equal([504], retry.StatusCodes);
        Assert.Equal([10], retry.GrpcStatuses);
        Assert.True(retry.IdempotentWithKey);
    }

    [Fact]
    public void LongerBase_WithoutAMaxOfItsOwn_TakesTheInheritedMaxAlong()
    {
        var policy = GoldenCase.Merge("layers");

        Assert.Equal(TimeSpan.FromSeconds(2), policy.Routes[0].Retry.BackoffBase);
        Assert.Equal(TimeSpan.FromSeconds(2), policy.Routes[0].Retry.BackoffMax);
        Assert.Equal("route:checkout", policy.Origins["/routes/checkout/retry/backoff/max"]);
        Assert.Equal("global", policy.Origins["/routes/export/retry/backoff/max"]);
    }

    [Fact]
    public void ShorterMax_WithoutABaseOfItsOwn_TakesTheInheritedBaseAlong()
    {
        var policy = GoldenCase.Merge("off-and-on-again");

        Assert.Equal(TimeSpan.FromSeconds(10), policy.Outlier.EjectBase);
        Assert.Equal(TimeSpan.FromSeconds(10), policy.Outlier.EjectMax);
        Assert.Equal("service", policy.Origins["/outlier/eject/base"]);
    }

    [Fact]
    public void LastRouteOfTheAuthor_TakingEverything_IsNotFollowedByAnother()
    {
        var policy = GoldenCase.Merge("off-and-on-again");

        Assert.Equal("all", Assert.Single(policy.Routes).Name);
    }

    [Fact]
    public void EffectivePolicy_Printed_IsJson()
    {
        using var json = JsonDocument.Parse(PolicyWriter.Write(GoldenCase.Merge("layers")));

        Assert.Equal("off", json.RootElement.GetProperty("routes")[0].GetProperty("timeout").GetProperty("total").GetString());
    }
}
