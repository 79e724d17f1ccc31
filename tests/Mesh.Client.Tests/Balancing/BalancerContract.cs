using Mesh.Client.Attempts;
using Mesh.Client.Pipeline;
using Mesh.Client.Tests.Support;

namespace Mesh.Client.Tests.Balancing;

/// <summary>What every algorithm promises, whatever else it does.</summary>
public abstract class BalancerContract : IDisposable
{
    private const int Picks = 20_000;

    private readonly UpstreamFixture _mesh = new();

    protected abstract string Algorithm { get; }

    public void Dispose()
    {
        _mesh.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public void Pick_OfNoEndpoint_IsNone()
    {
        _mesh.WithAlgorithm(Algorithm).With(Array.Empty<string>());

        Assert.Null(_mesh.Pick());
        Assert.Equal(0, _mesh.Group.Count);
    }

    [Fact]
    public void Pick_OfOneEndpoint_IsThatOne()
    {
        _mesh.WithAlgorithm(Algorithm).With("a");

        Assert.Same(_mesh["a"], _mesh.Pick());
        Assert.Same(_mesh["a"], _mesh.Pick(replaceable: true, _mesh["a"]));
    }

    [Fact]
    public void Pick_WhileIdle_SpreadsEvenly()
    {
        _mesh.WithAlgorithm(Algorithm).With("a", "b", "c", "d");

        AssertShares(new() { ["a"] = 1, ["b"] = 1, ["c"] = 1, ["d"] = 1 });
    }

    [Fact]
    public void Pick_WhileIdle_FollowsTheWeights()
    {
        _mesh.WithAlgorithm(Algorithm).With(
            UpstreamFixture.Info("a", weight: 1), UpstreamFixture.Info("b", weight: 3), UpstreamFixture.Info("c", weight: 16));

        AssertShares(new() { ["a"] = 1, ["b"] = 3, ["c"] = 16 });
    }

    [Fact]
    public void Pick_UnderLoad_FollowsTheWeights()
    {
        _mesh.WithAlgorithm(Algorithm).With(
            UpstreamFixture.Info("a", weight: 1), UpstreamFixture.Info("b", weight: 2), UpstreamFixture.Info("c", weight: 5));
        var running = new Queue<MeshEndpoint>();
        var counts = new Dictionary<string, int> { ["a"] = 0, ["b"] = 0, ["c"] = 0 };
        for (var i = 0; i < Picks; i++)
        {
            var endpoint = _mesh.Pick()!;
            endpoint.Begin();
            running.Enqueue(endpoint);
            counts[endpoint.Id]++;
            if (running.Count > 40)
            {
                Finish(running.Dequeue());
            }
        }

        // In a closed loop of equal service times shares follow the loads, and those the weights. A fifth off is
        // far outside of chance (5 sigma of a's share is 12 %), and far inside of ignoring the weights (a would have 1/3).
        AssertWithin(counts["a"], Picks / 8.0, 0.2);
        AssertWithin(counts["b"], Picks * 2 / 8.0, 0.2);
        AssertWithin(counts["c"], Picks * 5 / 8.0, 0.2);
    }

    [Theory]
    [InlineData(0, 0.1)]
    [InlineData(15, 0.5)]
    [InlineData(27, 0.9)]
    [InlineData(40, 1)]
    public void Pick_WithANewEndpointBesideOthers_GivesItAGrowingShare(int seconds, double share)
    {
        _mesh.WithAlgorithm(Algorithm).With("a", "b");
        _mesh.Time.Advance(TimeSpan.FromMinutes(1));
        _mesh.With("a", "b", "c");
        _mesh.Time.Advance(TimeSpan.FromSeconds(seconds));

        // Steps of a thirtieth: the share may lag by one.
        AssertShares(new() { ["a"] = 1, ["b"] = 1, ["c"] = share }, slack: seconds is 0 or 40 ? 0 : 0.04);
    }

    [Fact]
    public void Pick_WithAWholeSetThatIsNew_HoldsNobodyBack()
    {
        _mesh.WithAlgorithm(Algorithm).With("a", "b");
        _mesh.Time.Advance(TimeSpan.FromSeconds(1));

        AssertShares(new() { ["a"] = 1, ["b"] = 1 });
    }

    [Fact]
    public void Pick_AfterAllEndpointsWereReplacedAtOnce_HoldsNobodyBack()
    {
        _mesh.WithAlgorithm(Algorithm).With("a", "b");
        _mesh.Time.Advance(TimeSpan.FromSeconds(1));
        _mesh.With(UpstreamFixture.Info("c", weight: 1), UpstreamFixture.Info("d", weight: 3));

        AssertShares(new() { ["c"] = 1, ["d"] = 3 });
    }

    [Fact]
    public void Pick_ByARetry_NeverRepeatsWhileOthersRemain()
    {
        _mesh.WithAlgorithm(Algorithm).With("a", "b", "c");
        for (var i = 0; i < 300; i++)
        {
            var first = _mesh.Pick()!;
            var second = _mesh.Pick(replaceable: true, first)!;
            var third = _mesh.Pick(replaceable: true, first, second)!;

            Assert.Equal(3, new HashSet<MeshEndpoint> { first, second, third }.Count);
            Assert.NotNull(_mesh.Pick(replaceable: true, first, second, third));
        }
    }

    [Fact]
    public void Pick_WithZeroSlowStart_GivesNewEndpointsTheirFullShare()
    {
        _mesh.WithPolicy(p => p with
        {
            Balance = p.Balance with { Algorithm = Algorithm, SlowStart = TimeSpan.Zero },
        }).With("a");
        _mesh.With("a", "b");

        AssertShares(new() { ["a"] = 1, ["b"] = 1 });
    }

    [Fact]
    public void PickAndItsBookkeeping_AllocateNothing()
    {
        _mesh.WithAlgorithm(Algorithm).With(
            UpstreamFixture.Info("a"), UpstreamFixture.Info("b", weight: 2), UpstreamFixture.Info("c"));
        var group = _mesh.Group;
        var allocated = 0L;
        for (var round = 0; round < 2; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 1_000; i++)
            {
                var endpoint = group.Pick(new PickContext(i, [], replaceable: true, hashKey: null))!;
                endpoint.Begin();
                endpoint.Observe(i, i + 10, i % 7 == 0 ? AttemptOutcome.Overloaded : AttemptOutcome.Success);
                endpoint.End();
            }

            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Assert.Equal(0, allocated);
    }

    private static void AssertWithin(double actual, double expected, double share) =>
        Assert.InRange(actual, expected * (1 - share), expected * (1 + share));

    private void Finish(MeshEndpoint endpoint)
    {
        var now = _mesh.Time.GetTimestamp();
        endpoint.Observe(now - (_mesh.Time.TimestampFrequency / 100), now, AttemptOutcome.Success);
        endpoint.End();
    }

    // Five standard deviations of a fair draw: the seed is fixed, so this says that chance is no excuse.
    private void AssertShares(Dictionary<string, double> weights, double slack = 0)
    {
        var counts = weights.Keys.ToDictionary(static id => id, static _ => 0);
        for (var i = 0; i < Picks; i++)
        {
            counts[_mesh.Pick()!.Id]++;
        }

        var sum = weights.Values.Sum();
        foreach (var (id, weight) in weights)
        {
            var share = weight / sum;
            var bound = (5 * Math.Sqrt(share * (1 - share) / Picks)) + slack;
            Assert.InRange(counts[id] / (double)Picks, share - bound, share + bound);
        }
    }
}
