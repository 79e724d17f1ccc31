using Mesh.Client.Attempts;
using Mesh.Client.Routing;
using Mesh.Policy;

namespace Mesh.Client.Pipeline;

/// <summary>Rules become plans. Pure.</summary>
internal static class RouteCompiler
{
    /// <summary>The routes in order; with routes switched off only the last one, to all endpoints.</summary>
    public static RoutePlan[] Compile(
        EffectivePolicy policy, SwitchState switches, IReadOnlyDictionary<string, EndpointGroup> groups) =>
        switches.IsOff(Mechanisms.Routes)
            ? [Compile(policy.Routes[^1] with { Match = null, Split = [] }, switches, groups)]
            : [.. policy.Routes.Select(rule => Compile(rule, switches, groups))];

    private static RoutePlan Compile(
        RouteRule rule, SwitchState switches, IReadOnlyDictionary<string, EndpointGroup> groups) => new()
    {
        Name = rule.Name,
        Retry = new RetryPlan(rule.Retry, switches.IsOff(Mechanisms.Retry)),
        Timeout = new TimeoutPlan(rule.Timeout, switches.IsOff(Mechanisms.Timeouts)),
        Matcher = rule.Match is null ? null : new RequestMatcher(rule.Match),
        Targets = Targets(rule.Split, groups),
    };

    private static RouteTarget[] Targets(
        IReadOnlyList<SplitRule> split, IReadOnlyDictionary<string, EndpointGroup> groups)
    {
        var targets = new List<RouteTarget>(split.Count);
        var until = 0;
        foreach (var (subset, parts) in split)
        {
            if (parts > 0)
            {
                until += parts;
                targets.Add(new RouteTarget(until, groups[subset]));
            }
        }

        return targets.Count == 0 ? [new RouteTarget(SplitRule.Whole, groups[""])] : [.. targets];
    }
}
