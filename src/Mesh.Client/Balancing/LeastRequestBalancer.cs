namespace Mesh.Client.Balancing;

/// <summary>
/// Of two endpoints drawn by weight, the one with fewer calls in flight relative to its weight. For services whose calls
/// differ so much in length that latency says nothing.
/// </summary>
internal sealed class LeastRequestBalancer : IComparingBalancer
{
    /// <summary>
    /// Calls in flight that a second of penalty counts as. A host failing fast is always idle and would draw the traffic:
    /// one that always fails counts as 50 calls at first.
    /// </summary>
    public const float CallsPerSecondOfPenalty = 10;

    public string Unit => "calls";

    public int Pick(LoadBalancerCandidates candidates, in LoadBalancerContext context)
    {
        var (first, second) = TwoChoices.Draw(candidates, context.Random);
        return ChallengerWins(candidates, first, second, context.Time) ? second : first;
    }

    public bool ChallengerWins(LoadBalancerCandidates candidates, int first, int second, uint now)
    {
        var busy = Busy(ref candidates[first].Load, now);
        var busyChallenger = Busy(ref candidates[second].Load, now);
        var load = TwoChoices.IncumbentLoad(busy, candidates.Weight(first));
        var loadChallenger = TwoChoices.ChallengerLoad(busyChallenger, candidates.Weight(second), busy == 0);
        return loadChallenger < load;
    }

    public double Cost(LoadBalancerCandidates candidates, int index, uint now) =>
        TwoChoices.IncumbentLoad(Busy(ref candidates[index].Load, now), candidates.Weight(index));

    // Whole calls: the last of a decaying penalty must not decide between idle endpoints.
    private static double Busy(ref EndpointLoad load, uint now) =>
        load.InFlight + MathF.Floor(load.Penalty(now) * CallsPerSecondOfPenalty);
}
