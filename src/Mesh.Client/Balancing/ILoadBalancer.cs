namespace Mesh.Client;

/// <summary>
/// Chooses one endpoint out of many. One instance serves one upstream, or one subset of it, for as long as the policy
/// names its algorithm, whatever happens to the endpoints; it is called by all callers of the process at once.
/// </summary>
public interface ILoadBalancer
{
    /// <summary>Chooses.</summary>
    /// <remarks>
    /// On the path of every call: take no lock, allocate nothing, answer in constant time. Weights (those of the registry,
    /// slow start included) are to be respected. A retry asks again and goes elsewhere by itself when the answer is
    /// an endpoint the call has tried already.
    /// </remarks>
    /// <param name="candidates">Two or more endpoints.</param>
    /// <param name="context">The call.</param>
    /// <returns>An index into <paramref name="candidates"/>.</returns>
    int Pick(LoadBalancerCandidates candidates, in LoadBalancerContext context);
}
