namespace Mesh.Client.Balancing;

/// <summary>How likely the next call goes to a candidate, by the algorithm's own comparisons; chooses nothing.</summary>
internal static class PickChances
{
    /// <summary>
    /// The chance of the candidate at <paramref name="index"/>, 0 to 1; <see langword="null"/> for algorithms of the
    /// application. Takes a comparison or two for each candidate.
    /// </summary>
    public static double? Of(ILoadBalancer balancer, LoadBalancerCandidates candidates, int index, uint now) =>
        candidates.Count == 1 ? 1 : balancer switch
        {
            IComparingBalancer comparing => OfTwoChoices(comparing, candidates, index, now),
            RoundRobinBalancer or RandomBalancer => Share(candidates, index),
            _ => null,
        };

    // As TwoChoices.Draw does: the first by weight, the second from the others, each as likely.
    private static double OfTwoChoices(
        IComparingBalancer balancer, LoadBalancerCandidates candidates, int index, uint now)
    {
        var others = candidates.Count - 1;
        var chance = 0.0;
        for (var other = 0; other < candidates.Count; other++)
        {
            if (other == index)
            {
                continue;
            }

            if (!balancer.ChallengerWins(candidates, index, other, now))
            {
                chance += Share(candidates, index) / others;
            }

            if (balancer.ChallengerWins(candidates, other, index, now))
            {
                chance += Share(candidates, other) / others;
            }
        }

        return chance;
    }

    private static double Share(LoadBalancerCandidates candidates, int index) =>
        candidates.Weight(index) / candidates.Count;
}
