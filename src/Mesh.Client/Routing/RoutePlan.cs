using Mesh.Client.Attempts;
using Mesh.Client.Pipeline;
using Mesh.Policy;

namespace Mesh.Client.Routing;

/// <summary>A route rule compiled.</summary>
internal sealed class RoutePlan
{
    public required string Name { get; init; }

    public required RetryPlan Retry { get; init; }

    public required TimeoutPlan Timeout { get; init; }

    /// <summary>Its condition; <see langword="null"/> takes every request.</summary>
    public RequestMatcher? Matcher { get; init; }

    /// <summary>Where its calls go; at least one.</summary>
    public required RouteTarget[] Targets { get; init; }

    /// <summary>True when the route takes this request.</summary>
    public bool Takes(HttpRequestMessage request) => Matcher is null || Matcher.Matches(request);

    /// <summary>The group for one call, drawn by weight; kept by the call's retries.</summary>
    /// <param name="random">Uniform in [0, 1); not read when there is one target only.</param>
    public EndpointGroup SelectGroup(Random random)
    {
        var targets = Targets;
        if (targets.Length == 1)
        {
            return targets[0].Group.Effective;
        }

        var draw = random.Next(SplitRule.Whole);
        foreach (var target in targets)
        {
            if (draw < target.Until)
            {
                return target.Group.Effective;
            }
        }

        return targets[^1].Group.Effective;
    }
}
