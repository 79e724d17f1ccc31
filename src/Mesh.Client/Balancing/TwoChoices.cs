namespace Mesh.Client.Balancing;

/// <summary>
/// Two distinct candidates and the rule by which one of them wins: what the algorithms by load have in common.
/// </summary>
/// <remarks>
/// The first, the incumbent, is drawn by weight; the second, the challenger, uniformly from the others. While nobody is busy
/// and nobody is better the incumbent stays, so that shares follow the weights exactly; under load the loads relative
/// to the weights even out. The challenger is not drawn by weight, for that would take a loop.
/// </remarks>
internal static class TwoChoices
{
    /// <summary>
    /// By how much a cost must be lower to count: a fifth. Below that, estimates of latency are noise, and following
    /// noise would herd the calls of an idle process onto one endpoint.
    /// </summary>
    public const double Clearly = 0.8;

    /// <summary>
    /// Draws two distinct indexes. The second is drawn from one fewer and stepped over the first: each of the others
    /// is as likely, and there is no loop that might not end.
    /// </summary>
    public static (int First, int Second) Draw(LoadBalancerCandidates candidates, Random random)
    {
        var first = candidates.IsWeighted ? candidates.At(random.NextDouble()) : random.Next(candidates.Count);
        var second = random.Next(candidates.Count - 1);
        return (first, second >= first ? second + 1 : second);
    }

    /// <summary>
    /// The load one more call would make, relative to weight. An idle incumbent has load 1 whatever its weight:
    /// it was drawn by weight already, and counting the weight twice would starve light endpoints.
    /// </summary>
    public static double IncumbentLoad(double busy, double weight) => busy == 0 ? 1 : (busy + 1) / weight;

    /// <summary>
    /// The same for the challenger, which was not drawn by weight. Against an idle incumbent it is compared by
    /// what else differs, so its own idleness counts no less.
    /// </summary>
    public static double ChallengerLoad(double busy, double weight, bool incumbentIsIdle) =>
        incumbentIsIdle ? (busy / weight) + 1 : (busy + 1) / weight;

    /// <summary>True when the challenger wins: it costs clearly less, or about the same with less load.</summary>
    public static bool ChallengerWins(double cost, double load, double incumbentCost, double incumbentLoad) =>
        cost < incumbentCost * Clearly || (cost * Clearly <= incumbentCost && load < incumbentLoad);
}
