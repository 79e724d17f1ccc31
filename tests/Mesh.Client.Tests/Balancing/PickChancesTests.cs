using Mesh.Client.Attempts;
using Mesh.Client.Balancing;
using Mesh.Client.Pipeline;
using Mesh.Client.Tests.Support;

namespace Mesh.Client.Tests.Balancing;

/// <summary>What is said of the next call is what picks really do.</summary>
public sealed class PickChancesTests : IDisposable
{
    private const int Picks = 20_000;

    private readonly UpstreamFixture _mesh = new();

    public void Dispose() => _mesh.Dispose();

    [Theory]
    [InlineData(LoadBalancerRegistry.PeakEwma)]
    [InlineData(LoadBalancerRegistry.LeastRequest)]
    [InlineData(LoadBalancerRegistry.RoundRobin)]
    [InlineData(LoadBalancerRegistry.Random)]
    public void Of_UnequalCandidates_IsTheirShareOfThePicks(string algorithm)
    {
        _mesh.WithAlgorithm(algorithm).With(
            UpstreamFixture.Info("a"), UpstreamFixture.Info("b", weight: 3), UpstreamFixture.Info("c"),
            UpstreamFixture.Info("d", weight: 2), UpstreamFixture.Info("e"));
        Busy("a", 3);
        Busy("b", 1);
        _mesh.Answer(_mesh["c"], AttemptOutcome.GatewayError, times: 3);

        var chances = Chances();
        var counts = _mesh.Upstream.Endpoints.ToDictionary(e => e.Id, _ => 0);
        for (var i = 0; i < Picks; i++)
        {
            counts[_mesh.Pick()!.Id]++;
        }

        Assert.Equal(1, chances.Values.Sum(), precision: 9);
        foreach (var (id, count) in counts)
        {
            // Four standard deviations of a share of so many picks, at most.
            Assert.InRange(count / (double)Picks, chances[id] - 0.0142, chances[id] + 0.0142);
        }
    }

    [Fact]
    public void Of_TheOnlyCandidate_IsCertain()
    {
        _mesh.With("a");

        Assert.Equal(1, Chances()["a"]);
    }

    [Fact]
    public void Cost_MoreInFlight_IsMore()
    {
        _mesh.WithAlgorithm(LoadBalancerRegistry.LeastRequest).With("a", "b");
        Busy("b", 4);
        var balancer = Assert.IsAssignableFrom<IComparingBalancer>(_mesh.Group.Balancer);

        var candidates = _mesh.Group.Set.Candidates;
        Assert.Equal(1, balancer.Cost(candidates, 0, now: 0));
        Assert.Equal(5, balancer.Cost(candidates, 1, now: 0));
    }

    private void Busy(string id, int calls)
    {
        for (var i = 0; i < calls; i++)
        {
            _mesh[id].Begin();
        }
    }

    private Dictionary<string, double> Chances()
    {
        var candidates = _mesh.Group.Set.Candidates;
        var now = _mesh.Services.Clock.Centiseconds(_mesh.Time.GetTimestamp());
        return Enumerable.Range(0, candidates.Count).ToDictionary(
            i => candidates[i].Id, i => PickChances.Of(_mesh.Group.Balancer, candidates, i, now)!.Value);
    }
}
