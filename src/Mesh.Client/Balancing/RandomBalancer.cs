namespace Mesh.Client.Balancing;

/// <summary>Any endpoint, with a probability proportional to its weight.</summary>
internal sealed class RandomBalancer : ILoadBalancer
{
    public int Pick(LoadBalancerCandidates candidates, in LoadBalancerContext context) =>
        candidates.At(context.Random.NextDouble());
}
