using Mesh.AspNetCore.Inspection.Views;
using Mesh.Client;
using Mesh.Client.Balancing;
using Mesh.Client.Pipeline;
using Mesh.Client.Routing;
using Mesh.Policy;

namespace Mesh.AspNetCore.Inspection.Explaining;

/// <summary>
/// Tells where one share of a route's calls would go: who is a candidate at what cost, and why the others are not. The
/// figures are the balancer's own; nothing is picked.
/// </summary>
internal sealed class TargetTeller(MeshClock clock)
{
    /// <summary>Candidates, and endpoints that are out, in one answer.</summary>
    public const int Most = 50;

    /// <summary>Comparisons made for the chances of one answer: a few milliseconds.</summary>
    private const int MostComparisons = 100_000;

    /// <param name="runtime">What a call would run on.</param>
    /// <param name="target">The share.</param>
    /// <param name="share">How large it is.</param>
    /// <param name="next">The next call goes here.</param>
    /// <param name="replaceable">The call could be tried again elsewhere.</param>
    public TargetStory Tell(ServiceRuntime runtime, RouteTarget target, string share, bool? next, bool replaceable)
    {
        var group = target.Group.Effective;
        var set = group.Set;
        var now = clock.Now;
        var candidates = Candidates(group, set, now);
        var left = Out(runtime.Upstream, group, set, now, out var leftOut);
        return new TargetStory
        {
            Subset = target.Group.Subset ?? "",
            Share = share,
            Next = next,
            StandIn = group == target.Group ? null : group.Subset ?? "",
            Panic = set.IsPanic,
            Algorithm = Algorithm(group.Balancer, runtime),
            Choice = Choice(group, set, now, replaceable),
            CostUnit = (group.Balancer as IComparingBalancer)?.Unit,
            Candidates = candidates,
            CandidatesLeftOut = set.Candidates.Count - candidates.Count,
            Out = left,
            OutLeftOut = leftOut,
        };
    }

    private static string Algorithm(ILoadBalancer balancer, ServiceRuntime runtime) => balancer switch
    {
        PeakEwmaBalancer => LoadBalancerRegistry.PeakEwma,
        LeastRequestBalancer => LoadBalancerRegistry.LeastRequest,
        RoundRobinBalancer => LoadBalancerRegistry.RoundRobin,
        RandomBalancer => LoadBalancerRegistry.Random,
        _ => runtime.Policy.Balance.Algorithm,
    };

    private string Choice(EndpointGroup group, EndpointSet set, long now, bool replaceable)
    {
        var choice = (set.Candidates.Count, group.Balancer) switch
        {
            (0, _) => group.Subset is null
                ? $"no endpoint may be used: the call fails with {MeshReasons.NoEndpoints}"
                : $"the subset has no endpoint: the call fails with {MeshReasons.EmptySubset}",
            (1, _) => "the only candidate is taken",
            (_, PeakEwmaBalancer) => "two are drawn by weight; the one with less latency x load is taken",
            (_, LeastRequestBalancer) => "two are drawn by weight; the one with fewer calls in flight is taken",
            (_, RoundRobinBalancer) => "one after the other, by weight",
            (_, RandomBalancer) => "any of them, by weight",
            _ => "the application's own algorithm chooses; asking it would count as a call",
        };
        var probe = Array.Find(set.Returning, e => e.Outlier.MayClaim(now, replaceable, clock));
        return probe is null ? choice : $"{probe.Id} is tried first, since its ejection is over; else {choice}";
    }

    private List<CandidateView> Candidates(EndpointGroup group, EndpointSet set, long now)
    {
        var (candidates, coarse) = (set.Candidates, clock.Centiseconds(now));
        var comparing = group.Balancer as IComparingBalancer;
        var shown = Enumerable.Range(0, candidates.Count)
            .Select(i => (Index: i, Cost: comparing?.Cost(candidates, i, coarse)))
            .OrderBy(c => c.Cost).Take(Most).ToArray();
        var chances = shown.Length * candidates.Count <= MostComparisons;
        return
        [
            .. shown.Select(c => View(
                    candidates[c.Index],
                    candidates.Weight(c.Index),
                    c.Cost,
                    chances ? PickChances.Of(group.Balancer, candidates, c.Index, coarse) : null,
                    coarse))
                .OrderByDescending(v => v.Chance ?? 0),
        ];
    }

    private static CandidateView View(MeshEndpoint endpoint, double weight, double? cost, double? chance, uint now)
    {
        var latency = endpoint.Load.Latency(now);
        return new CandidateView
        {
            Id = endpoint.Id,
            Address = EndpointViews.Address(endpoint.Info),
            Zone = endpoint.Zone,
            Tls = EndpointViews.Tls(endpoint.Wire),
            Expected = endpoint.Wire.Expected?.ToString(),
            State = endpoint.State.Word(),
            Weight = Math.Round(weight, 3),
            Cost = cost is { } known ? Figures.Significant(known) : null,
            LatencyMs = latency < 0 ? null : Figures.Milliseconds(latency),
            PenaltyMs = Figures.Milliseconds(endpoint.Load.Penalty(now)),
            InFlight = endpoint.InFlight,
            Chance = chance is { } share ? Math.Round(share, 4) : null,
        };
    }

    // Those in trouble first, those of other subsets last.
    private List<OutView> Out(Upstream upstream, EndpointGroup group, EndpointSet set, long now, out int leftOut)
    {
        var used = new HashSet<MeshEndpoint>(set.Candidates.Endpoints.Length, ReferenceEqualityComparer.Instance);
        foreach (var candidate in set.Candidates.Endpoints)
        {
            used.Add(candidate);
        }

        var all = upstream.Endpoints.Where(e => !used.Contains(e)).OrderBy(e => !group.Takes(e.Info)).ToArray();
        leftOut = Math.Max(0, all.Length - Most);
        var sights = upstream.Read(
            inForce => all.Take(Most).Select(e => EndpointSight.Of(e, inForce.Balance, clock, now)).ToArray());
        return [.. sights.Select(s => View(s, group, Array.IndexOf(set.Reserve, s.Endpoint) >= 0))];
    }

    private static OutView View(EndpointSight sight, EndpointGroup group, bool inReserve)
    {
        var belongs = group.Takes(sight.Info);
        return new OutView
        {
            Id = sight.Info.Id,
            Address = EndpointViews.Address(sight.Info),
            State = sight.State.Word(),
            Reason = belongs ? sight.Reason : "subset",
            Because = belongs ? Sentences.Of(sight, inReserve) : NotIn(group.Rule!, sight),
            LeftSeconds = Figures.Seconds(sight.Left),
        };
    }

    private static string NotIn(SubsetRule rule, EndpointSight sight)
    {
        var (key, values) = rule.Meta.First(
            m => !sight.Info.Metadata.TryGetValue(m.Key, out var value) || !m.Value.Contains(value));
        var has = sight.Info.Metadata.TryGetValue(key, out var registered) ? $"is '{registered}'" : "is missing";
        var wanted = string.Join(" or ", values.Select(v => $"'{v}'"));
        return $"not in subset {rule.Name}: its metadata {key} {has}, not {wanted}";
    }
}
