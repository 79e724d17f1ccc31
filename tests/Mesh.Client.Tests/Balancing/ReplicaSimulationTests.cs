namespace Mesh.Client.Tests.Balancing;

public sealed class ReplicaSimulationTests
{
    private const int Calls = 20_000;

    [Fact]
    public void PeakEwma_WithOneReplicaTenTimesSlower_HasAFarBetterTailThanRoundRobin()
    {
        var replicas = Replicas(slow: 0.1);

        // 5 replicas of 100/s, one of them 10/s: 200/s is half of what the good ones can do, but 4 times the bad one's.
        var ewma = new ReplicaSimulation("peak-ewma", replicas);
        var p99 = ewma.P99(Calls, callsPerSecond: 200);
        var roundRobin = new ReplicaSimulation("round-robin", replicas).P99(Calls, callsPerSecond: 200);

        Assert.True(p99 * 5 < roundRobin, $"peak-ewma {p99:0.000} s, round-robin {roundRobin:0.000} s");
        Assert.InRange(p99, 0, 0.5);
        Assert.InRange(ewma.Calls["slow"], 0, Calls / 20);
    }

    [Theory]
    [InlineData("peak-ewma")]
    [InlineData("least-request")]
    public void LoadAwareAlgorithms_WithEqualReplicas_HaveABetterTailThanRandom(string algorithm)
    {
        var replicas = Replicas(slow: 0.01);

        var p99 = new ReplicaSimulation(algorithm, replicas).P99(Calls, callsPerSecond: 350);
        var random = new ReplicaSimulation("random", replicas).P99(Calls, callsPerSecond: 350);

        Assert.True(p99 < random, $"{algorithm} {p99:0.000} s, random {random:0.000} s");
    }

    [Fact]
    public void PeakEwma_WithEqualReplicas_StarvesNone()
    {
        var simulation = new ReplicaSimulation("peak-ewma", Replicas(slow: 0.01));
        simulation.P99(Calls, callsPerSecond: 250);

        Assert.All(simulation.Calls.Values, calls => Assert.InRange(calls, Calls / 10, Calls * 3 / 10));
    }

    private static Dictionary<string, double> Replicas(double slow) => new()
    {
        ["a"] = 0.01, ["b"] = 0.01, ["c"] = 0.01, ["d"] = 0.01, ["slow"] = slow,
    };
}
