using Mesh.Policy.Language.Shapes;
using Mesh.Policy.Validation;

namespace Mesh.Policy.Language;

/// <summary>The section <c>routes</c>.</summary>
internal static class RouteLanguage
{
    public static ListShape<RouteSection> Routes { get; } = new(Route(), 1, PolicyLimits.Routes, keepsRest: true);

    private static ObjectShape<RouteSection> Route() =>
        new ObjectShape<RouteSection>(() => new RouteSection(), SectionChecks.Route)
            .Named(
                "route",
                "Unique in the document; appears in metrics, logs and origins.",
                r => r.Name,
                (r, v) => r with { Name = v })
            .With(
                "match",
                MatchLanguage.OfTraffic,
                "Which calls the route takes: all parts must hold.",
                r => r.Match,
                (r, v) => r with { Match = v },
                "all calls",
                essential: true)
            .With(
                "split",
                new MapShape<Percentage>(
                    "a subset's name", TextRule.Label, Names.MaxLength, Bounds.Ratio, 1, PolicyLimits.Subsets),
                "The share of each subset; adds up to 100%.",
                r => r.Split,
                (r, v) => r with { Split = v },
                "all endpoints")
            .With("timeout", TimeoutLanguage.OfRoute, "Deadlines.", r => r.Timeout, (r, v) => r with { Timeout = v })
            .With("retry", RetryLanguage.OfRoute, "Retries.", r => r.Retry, (r, v) => r with { Retry = v })
            .Later("headers", "Edits of request and response headers.")
            .Later("rewrite", "Edits of the request's path.")
            .Later("hash", "What of a request decides which endpoint it goes to.")
            .Later("hedge", "A second request ahead of an answer.")
            .Later("faults", "Injected delays and aborts.")
            .Later("mirror", "Copies of requests to another service.")
            .Later("limits", "Concurrency and rate.");
}
