using Mesh.Client.Attempts;
using Mesh.Client.Pipeline;
using Mesh.Policy;

namespace Mesh.Client.Routing;

/// <summary>A route rule compiled.</summary>
internal sealed class RoutePlan
{
    /// <summary>2^64 divided by the golden ratio: multiples of it, modulo 2^64, spread more evenly than any others.</summary>
    private const long GoldenStep = unchecked((long)0x9E37_79B9_7F4A_7C15);

    private long _position;

    public required string Name { get; init; }

    public required RetryPlan Retry { get; init; }

    public required TimeoutPlan Timeout { get; init; }

    /// <summary>Its condition; <see langword="null"/> takes every request.</summary>
    public RequestMatcher? Matcher { get; init; }

    /// <summary>Where its calls go; at least one.</summary>
    public required RouteTarget[] Targets { get; init; }

    /// <summary>True when the route takes this request.</summary>
    public bool Takes(HttpRequestMessage request) => Matcher is null || Matcher.Matches(request);

    /// <summary>
    /// The group for one call, by weight; kept by the call's retries. The shares are met closely from the first calls
    /// on: positions follow a golden-ratio sequence (n calls miss a share by about log(n)/n, where independent draws
    /// miss it by 1/sqrt(n)), which no period in the traffic falls in step with.
    /// </summary>
    /// <param name="random">Where this route begins, so that processes do not start in step.</param>
    public EndpointGroup SelectGroup(Random random)
    {
        var targets = Targets;
        if (targets.Length == 1)
        {
            return targets[0].Group.Effective;
        }

        if (Volatile.Read(ref _position) == 0)
        {
            Interlocked.CompareExchange(ref _position, random.NextInt64(), 0);
        }

        return At(Interlocked.Add(ref _position, GoldenStep)).Group.Effective;
    }

    /// <summary>
    /// Where the next call would go, moving nothing; <see langword="null"/> before the first call of several shares, which
    /// draws where they begin.
    /// </summary>
    public RouteTarget? Next() => Targets.Length == 1 ? Targets[0]
        : Volatile.Read(ref _position) is var position and not 0 ? At(unchecked(position + GoldenStep))
        : null;

    private RouteTarget At(long position)
    {
        var draw = (int)Math.BigMul(unchecked((ulong)position), (ulong)SplitRule.Whole, out _);
        foreach (var target in Targets)
        {
            if (draw < target.Until)
            {
                return target;
            }
        }

        return Targets[^1];
    }
}
