namespace Mesh.Client.Balancing;

/// <summary>
/// An algorithm that draws two candidates and compares them. What it compares can be asked for without choosing, so
/// that an explanation says what a call would really find.
/// </summary>
internal interface IComparingBalancer : ILoadBalancer
{
    /// <summary>The unit of <see cref="Cost"/>.</summary>
    string Unit { get; }

    /// <summary>Of two candidates drawn, the second is chosen. Changes nothing.</summary>
    bool ChallengerWins(LoadBalancerCandidates candidates, int first, int second, uint now);

    /// <summary>What one more call there would cost, were it drawn first. Changes nothing.</summary>
    double Cost(LoadBalancerCandidates candidates, int index, uint now);
}
