namespace Mesh.Client.Balancing;

/// <summary>
/// One after the other. With unequal weights, evenly spread by the golden ratio: the points k x 0.618... (mod 1) fill
/// [0, 1) more evenly than any others, so that every stretch of picks is close to the weights, without a schedule to
/// keep or a lock to guard it.
/// </summary>
internal sealed class RoundRobinBalancer : ILoadBalancer
{
    // 2^64 / golden ratio, made odd so that all 2^64 points are visited.
    private const ulong GoldenStride = 0x9E37_79B9_7F4A_7C15;

    private const double PointsToUnit = 1.0 / (1UL << 53);

    private RoundRobinCounter _counter;

    /// <param name="random">Where to start: many processes that start at once must not go round in step.</param>
    public RoundRobinBalancer(Random random) => _counter.Set(random.Next());

    public int Pick(LoadBalancerCandidates candidates, in LoadBalancerContext context)
    {
        var turn = (ulong)_counter.Next();
        return candidates.IsWeighted
            ? candidates.At(((turn * GoldenStride) >> 11) * PointsToUnit)
            : (int)(turn % (ulong)candidates.Count);
    }
}
