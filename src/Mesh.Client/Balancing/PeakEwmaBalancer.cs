namespace Mesh.Client.Balancing;

/// <summary>
/// The default: of two endpoints drawn by weight, the one with less latency x load, where latency jumps to peaks at once
/// and failures add a decaying penalty. Sends less to whoever is slow, busy or failing, without asking anyone.
/// </summary>
internal sealed class PeakEwmaBalancer : IComparingBalancer
{
    /// <summary>Below a millisecond, differences are those of collections and thread pools, not of endpoints.</summary>
    public const float Floor = 0.001f;

    /// <summary>
    /// What an endpoint of which nothing is known is taken for while an answer is awaited (tower, Linkerd: 1 s).
    /// Idle, it costs nothing: so exactly one call at a time goes there to find out.
    /// </summary>
    public const float Seed = 1;

    public string Unit => "s";

    public int Pick(LoadBalancerCandidates candidates, in LoadBalancerContext context)
    {
        var (first, second) = TwoChoices.Draw(candidates, context.Random);
        return ChallengerWins(candidates, first, second, context.Time) ? second : first;
    }

    public bool ChallengerWins(LoadBalancerCandidates candidates, int first, int second, uint now)
    {
        ref var incumbent = ref candidates[first].Load;
        ref var challenger = ref candidates[second].Load;
        var busy = incumbent.InFlight;
        var busyChallenger = challenger.InFlight;
        var load = TwoChoices.IncumbentLoad(busy, candidates.Weight(first));
        var loadChallenger = TwoChoices.ChallengerLoad(busyChallenger, candidates.Weight(second), busy == 0);
        var cost = load * Latency(ref incumbent, busy, now);
        var costChallenger = loadChallenger * Latency(ref challenger, busyChallenger, now);
        return TwoChoices.ChallengerWins(costChallenger, loadChallenger, cost, load);
    }

    public double Cost(LoadBalancerCandidates candidates, int index, uint now)
    {
        ref var load = ref candidates[index].Load;
        var busy = load.InFlight;
        return TwoChoices.IncumbentLoad(busy, candidates.Weight(index)) * Latency(ref load, busy, now);
    }

    private static float Latency(ref EndpointLoad load, int busy, uint now)
    {
        var penalty = load.Penalty(now);
        var latency = load.Latency(now);
        if (latency >= 0)
        {
            return MathF.Max(latency, Floor) + penalty;
        }

        // Nothing is known of its speed. One whose calls only ever failed is not unknown: the penalty says its worth.
        return penalty + (load.Answers > 1 ? Floor : busy == 0 ? 0 : Seed);
    }
}
