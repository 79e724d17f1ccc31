namespace Mesh.Client.Balancing;

/// <summary>
/// Of two endpoints drawn by weight, the one with fewer calls in flight relative to its weight. For services whose calls
/// differ so much in length that latency says nothing.
/// </summary>
internal sealed class LeastRequestBalancer : ILoadBalancer
{
    /// <summary>
    /// Calls in flight that a second of penalty counts as. A host failing fast is always idle and would draw the traffic:
    /// one that always fails counts as 50 calls at first.
    /// </summary>
    public const float CallsPerSecondOfPenalty = 10;

    public int Pick(LoadBalancerCandidates candidates, in LoadBalancerContext context)
    {
        var (first, second) = TwoChoices.Draw(candidates, context.Random);
        var busy = Busy(ref candidates[first].Load, context.Time);
        var busyChallenger = Busy(ref candidates[second].Load, context.Time);
        var load = TwoChoices.IncumbentLoad(busy, candidates.Weight(first));
        var loadChallenger = TwoChoices.ChallengerLoad(busyChallenger, candidates.Weight(second), busy == 0);
        return loadChallenger < load ? second : first;
    }

    // Whole calls: the last of a decaying penalty must not decide between idle endpoints.
    private static double Busy(ref EndpointLoad load, uint now) =>
        load.InFlight + MathF.Floor(load.Penalty(now) * CallsPerSecondOfPenalty);
}
