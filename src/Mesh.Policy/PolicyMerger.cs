using Mesh.Policy.Language;
using Mesh.Policy.Merging;

namespace Mesh.Policy;

/// <summary>
/// Makes the documents that concern one service into what is in force: built-in defaults, over them the global
/// document, over it the service's own, over that each route's own values. Scalars override, lists replace.
/// </summary>
public static class PolicyMerger
{
    /// <summary>Merges.</summary>
    /// <param name="service">The service the calls go to.</param>
    /// <param name="global">The document <c>policy/global</c>, if there is an accepted one.</param>
    /// <param name="serviceDocument">
    /// The document <c>policy/services/&lt;service&gt;</c>, if there is an accepted one.
    /// </param>
    /// <returns>A policy in which every value is concrete and has its origin.</returns>
    public static EffectivePolicy Merge(string service, TrafficDocument? global, TrafficDocument? serviceDocument)
    {
        ArgumentException.ThrowIfNullOrEmpty(service);
        var callOrigins = new OriginBook([.. TimeoutMerge.Paths, .. RetryMerge.Paths]);
        var endpointOrigins = new OriginBook(EndpointMerge.Paths);
        var (timeout, retry) = (PolicyDefaults.Timeout, PolicyDefaults.Retry);
        var (balance, outlier) = (PolicyDefaults.Balance, PolicyDefaults.Outlier);
        var protocol = TransportProtocol.Auto;
        foreach (var (document, origin) in Layers(global, serviceDocument))
        {
            timeout = TimeoutMerge.Apply(timeout, document?.Timeout, new Layer(origin, callOrigins));
            retry = RetryMerge.Apply(retry, document?.Retry, new Layer(origin, callOrigins));
            balance = EndpointMerge.Apply(balance, document?.Balance, new Layer(origin, endpointOrigins));
            outlier = EndpointMerge.Apply(outlier, document?.Outlier, new Layer(origin, endpointOrigins));
            protocol = EndpointMerge.Apply(protocol, document?.Transport, new Layer(origin, endpointOrigins));
        }

        var origins = new Dictionary<string, string>(StringComparer.Ordinal);
        callOrigins.CopyTo(origins, "");
        endpointOrigins.CopyTo(origins, "");
        return new EffectivePolicy
        {
            Service = service,
            Routes = MergeRoutes(serviceDocument?.Routes ?? [], timeout, retry, callOrigins, origins),
            Subsets = MergeSubsets(serviceDocument?.Subsets, origins),
            Balance = balance,
            Outlier = outlier,
            Protocol = protocol,
            Origins = origins,
        };
    }

    /// <summary>Merges the section <c>inbound</c>: what the service does with the calls it receives.</summary>
    /// <param name="global">The document <c>policy/global</c>, if there is an accepted one.</param>
    /// <param name="serviceDocument">
    /// The document <c>policy/services/&lt;service&gt;</c> of the service itself, if there is an accepted one.
    /// </param>
    /// <returns>A policy in which every value is concrete and has its origin.</returns>
    public static InboundPolicy MergeInbound(TrafficDocument? global, TrafficDocument? serviceDocument)
    {
        var book = new OriginBook(InboundMerge.Paths);
        var policy = new InboundPolicy();
        foreach (var (document, origin) in Layers(global, serviceDocument))
        {
            policy = InboundMerge.Apply(policy, document?.Inbound, new Layer(origin, book));
        }

        var origins = new Dictionary<string, string>(StringComparer.Ordinal);
        book.CopyTo(origins, "");
        return policy with { Origins = origins };
    }

    private static (TrafficDocument? Document, string Origin)[] Layers(
        TrafficDocument? global, TrafficDocument? serviceDocument) =>
        [(global, OriginBook.Global), (serviceDocument, OriginBook.Service)];

    private static List<RouteRule> MergeRoutes(
        IReadOnlyList<RouteSection> sections,
        TimeoutRule timeout,
        RetryRule retry,
        OriginBook inherited,
        Dictionary<string, string> origins)
    {
        var routes = new List<RouteRule>(sections.Count + 1);
        foreach (var section in sections)
        {
            var origin = OriginBook.Route(section.Name);
            var book = inherited.Copy();
            book.Set("/match", section.Match is null ? OriginBook.Default : origin);
            book.Set("/split", section.Split is null ? OriginBook.Default : origin);
            routes.Add(new RouteRule
            {
                Name = section.Name,
                Match = section.Match,
                Split = [.. section.Split?.Select(s => new SplitRule(s.Key, s.Value.Parts)) ?? []],
                Timeout = TimeoutMerge.Apply(timeout, section.Timeout, new Layer(origin, book)),
                Retry = RetryMerge.Apply(retry, section.Retry, new Layer(origin, book)),
            });
            book.CopyTo(origins, $"/routes/{section.Name}");
        }

        if (routes.Count == 0 || !MatchLanguage.TakesAll(routes[^1].Match))
        {
            routes.Add(new RouteRule { Name = RouteRule.CatchAllName, Split = [], Timeout = timeout, Retry = retry });
            var book = inherited.Copy();
            book.Set("/match", OriginBook.Default);
            book.Set("/split", OriginBook.Default);
            book.CopyTo(origins, $"/routes/{RouteRule.CatchAllName}");
        }

        return routes;
    }

    private static OrderedDictionary<string, SubsetRule> MergeSubsets(
        IReadOnlyDictionary<string, SubsetSection>? sections, Dictionary<string, string> origins)
    {
        var subsets = new OrderedDictionary<string, SubsetRule>(StringComparer.Ordinal);
        foreach (var (name, section) in sections ?? new Dictionary<string, SubsetSection>())
        {
            subsets[name] = new SubsetRule { Name = name, Meta = section.Meta, OnEmpty = section.OnEmpty };
            origins[$"/subsets/{name}"] = OriginBook.Service;
        }

        return subsets;
    }
}
