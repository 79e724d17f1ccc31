using Mesh.Client.Discovery;
using Mesh.Client.Pipeline;
using Mesh.Client.Tests.Support;
using Mesh.Policy;

namespace Mesh.Client.Tests.Routing;

public sealed class RoutePlanTests : IDisposable
{
    private readonly UpstreamFixture _mesh = new();

    public void Dispose() => _mesh.Dispose();

    [Fact]
    public void Route_TheFirstThatMatches_Wins()
    {
        _mesh.WithPolicy(p => p with
        {
            Routes =
            [
                p.Routes[0] with { Name = "first", Match = Exact("/a") },
                p.Routes[0] with { Name = "second", Match = Prefix("/a") },
                p.Routes[0],
            ],
        }).With("x");

        Assert.Equal("first", Route("/a").Name);
        Assert.Equal("second", Route("/a/b").Name);
        Assert.Equal(RouteRule.CatchAllName, Route("/b").Name);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(500)]
    [InlineData(5_000)]
    [InlineData(10_000)]
    public void SelectGroup_FollowsTheSplit_FromTheFirstCallsOn(int parts)
    {
        WithSplit(new SplitRule("v1", SplitRule.Whole - parts), new SplitRule("v2", parts));
        var route = Route("/");
        var v2 = 0;
        for (var calls = 1; calls <= 20_000; calls++)
        {
            v2 += route.SelectGroup(_mesh.Random).Subset == "v2" ? 1 : 0;

            // The discrepancy of a golden-ratio sequence is below 2 + ln(n)/ln(phi)/2, in calls.
            var bound = 2 + (Math.Log(calls) / Math.Log(1.618) / 2);
            var share = calls * parts / (double)SplitRule.Whole;
            Assert.InRange(v2, share - bound, share + bound);
        }
    }

    [Fact]
    public void Next_SaysWhereTheNextCallGoes_AndMovesNothing()
    {
        WithSplit(new SplitRule("v1", 7_000), new SplitRule("v2", 3_000));
        var route = Route("/");
        Assert.Null(route.Next());
        route.SelectGroup(_mesh.Random);

        for (var call = 0; call < 1_000; call++)
        {
            Assert.Equal(route.Next(), route.Next());
            var said = route.Next()!.Value.Group.Effective;
            Assert.Same(said, route.SelectGroup(_mesh.Random));
        }
    }

    [Fact]
    public void SelectGroup_OfCallsThatAlternate_FollowsTheSplitForEachKind()
    {
        WithSplit(new SplitRule("v1", 5_000), new SplitRule("v2", 5_000));
        var route = Route("/");
        var v2 = new int[2];
        for (var call = 0; call < 2_000; call++)
        {
            v2[call % 2] += route.SelectGroup(_mesh.Random).Subset == "v2" ? 1 : 0;
        }

        Assert.All(v2, n => Assert.InRange(n, 480, 520));
    }

    [Fact]
    public void SelectGroup_OfASubset_OffersItsMembersOnly()
    {
        WithSplit(new SplitRule("v2", SplitRule.Whole));

        Assert.Equal(["c"], Ids(Route("/").SelectGroup(_mesh.Random)));
        Assert.Equal(["a", "b"], Ids(_mesh.Upstream.Runtime!.Groups["v1"]));
        Assert.Equal(["a", "b", "c", "d"], Ids(_mesh.Group));
    }

    [Fact]
    public void SelectGroup_OfAnEmptySubset_GoesWhereItsRuleSays()
    {
        WithSplit(new SplitRule("v3", SplitRule.Whole));

        // v3 -> v4, empty too -> v1
        Assert.Equal("v1", Route("/").SelectGroup(_mesh.Random).Subset);

        _mesh.With([.. Endpoints(), Versioned("e", "3")]);
        Assert.Equal("v3", Route("/").SelectGroup(_mesh.Random).Subset);

        _mesh.With(Endpoints());
        Assert.Equal("v1", Route("/").SelectGroup(_mesh.Random).Subset);
    }

    [Fact]
    public void SelectGroup_OfAnEmptySubsetWithoutStandIn_OffersNothing()
    {
        WithSplit(new SplitRule("v5", SplitRule.Whole));

        var group = Route("/").SelectGroup(_mesh.Random);

        Assert.Equal("v5", group.Subset);
        Assert.Equal(0, group.Count);
    }

    [Fact]
    public void SelectGroup_WhereStandInsGoInACircle_Ends()
    {
        WithSplit(new SplitRule("v6", SplitRule.Whole));

        Assert.Equal("v6", Route("/").SelectGroup(_mesh.Random).Subset);
    }

    [Fact]
    public void SelectGroup_WhenAnEndpointChangesItsMetadata_MovesIt()
    {
        WithSplit(new SplitRule("v2", SplitRule.Whole));
        _mesh.With([.. Endpoints()[1..], Versioned("a", "2")]);

        Assert.Equal(["a", "c"], Ids(Route("/").SelectGroup(_mesh.Random)).Order());
    }

    private static EndpointInfo Versioned(string id, string version) => UpstreamFixture.Info(id) with
    {
        Metadata = new Dictionary<string, string> { ["version"] = version },
    };

    private static EndpointInfo[] Endpoints() =>
        [Versioned("a", "1"), Versioned("b", "1"), Versioned("c", "2"), UpstreamFixture.Info("d")];

    private static MatchRule Exact(string path) => new() { Paths = [new StringMatch(StringMatchKind.Exact, path)] };

    private static MatchRule Prefix(string path) => new() { Paths = [new StringMatch(StringMatchKind.Prefix, path)] };

    private static IEnumerable<string> Ids(EndpointGroup group) =>
        group.Set.Candidates.Endpoints.ToArray().Select(static e => e.Id);

    private static SubsetRule Subset(int version, string? onEmpty = null) => new()
    {
        Name = $"v{version}",
        Meta = new Dictionary<string, IReadOnlyList<string>> { ["version"] = [$"{version}"] },
        OnEmpty = onEmpty,
    };

    private Client.Routing.RoutePlan Route(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://orders" + path);
        return _mesh.Upstream.Runtime!.Route(request);
    }

    private void WithSplit(params SplitRule[] split)
    {
        SubsetRule[] subsets =
        [
            Subset(1), Subset(2), Subset(3, "v4"), Subset(4, "v1"), Subset(5), Subset(6, "v7"), Subset(7, "v6"),
        ];
        _mesh.WithPolicy(p => p with
        {
            Subsets = subsets.ToDictionary(static s => s.Name),
            Routes = [p.Routes[0] with { Split = split }],
        }).With(Endpoints());
    }
}
