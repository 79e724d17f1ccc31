using Mesh.Policy.Language.Shapes;
using Mesh.Policy.Validation;

namespace Mesh.Policy.Language;

/// <summary>The section <c>routes</c>.</summary>
internal static class RouteLanguage
{
    /// <summary>Conditions within one route; a route with more is several routes.</summary>
    private const int Conditions = 32;

    /// <summary>Longest path, header value or query value that is compared.</summary>
    private const int ValueLength = 2048;

    private static readonly StringMatchShape Path = new(
        bareAllowed: false,
        new TextShape("a path", ValueLength, TextRule.Path),
        StringMatchKind.Exact,
        StringMatchKind.Prefix,
        StringMatchKind.Regex);

    private static readonly StringMatchShape Value = new(
        bareAllowed: true,
        new TextShape("a value", ValueLength),
        StringMatchKind.Exact,
        StringMatchKind.Prefix,
        StringMatchKind.Suffix,
        StringMatchKind.Regex,
        StringMatchKind.Present);

    public static ObjectShape<MatchRule> Match { get; } =
        new ObjectShape<MatchRule>(() => new MatchRule(), allOrNothing: true)
            .With(
                "method",
                new ListShape<string>(
                    new TextShape("a method", 32, TextRule.Method),
                    1,
                    Conditions,
                    singleAllowed: true,
                    allOrNothing: true),
                "The request's method is one of these.",
                m => m.Methods,
                (m, v) => m with { Methods = v },
                "any")
            .With(
                "path",
                new ListShape<StringMatch>(Path, 1, Conditions, singleAllowed: true, allOrNothing: true),
                "Any of these holds for the request's path; a prefix takes whole segments.",
                m => m.Paths,
                (m, v) => m with { Paths = v },
                "any")
            .With(
                "header",
                new MapShape<StringMatch>(
                    "a header's name",
                    TextRule.HeaderName,
                    Names.MaxLength,
                    Value,
                    1,
                    Conditions,
                    ignoreCase: true,
                    allOrNothing: true),
                "All of these hold for the request's headers; names in any case.",
                m => m.Headers,
                (m, v) => m with { Headers = v })
            .With(
                "query",
                new MapShape<StringMatch>(
                    "a query parameter's name", null, Names.MaxLength, Value, 1, Conditions, allOrNothing: true),
                "All of these hold for the request's query parameters; names in their own case.",
                m => m.Query,
                (m, v) => m with { Query = v });

    public static ListShape<RouteSection> Routes { get; } = new(Route(), 1, PolicyLimits.Routes, keepsRest: true);

    /// <summary>The text of a condition, for comparing two of them.</summary>
    public static string Print(MatchRule match) => Printing.ToText(Match, match);

    private static ObjectShape<RouteSection> Route() =>
        new ObjectShape<RouteSection>(() => new RouteSection(), SectionChecks.Route)
            .With(
                "name",
                new TextShape("a route's name", Names.MaxLength, TextRule.Label),
                "Unique in the document; appears in metrics, logs and origins.",
                r => r.Name.Length == 0 ? null : r.Name,
                (r, v) => r with { Name = v },
                required: true)
            .With(
                "match",
                Match,
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
