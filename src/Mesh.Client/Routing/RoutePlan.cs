using Mesh.Client.Attempts;
using Mesh.Client.Pipeline;

namespace Mesh.Client.Routing;

/// <summary>A route rule compiled.</summary>
internal sealed class RoutePlan
{
    public required string Name { get; init; }

    public required RetryPlan Retry { get; init; }

    public required TimeoutPlan Timeout { get; init; }

    /// <summary>The group for one call, drawn by weight; kept by the call's retries.</summary>
    /// <param name="random">Uniform in [0, 1); not read when there is one target only.</param>
    public EndpointGroup SelectGroup(Random random) => throw new NotImplementedException();
}
