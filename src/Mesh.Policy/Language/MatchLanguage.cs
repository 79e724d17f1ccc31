using Mesh.Policy.Language.Shapes;

namespace Mesh.Policy.Language;

/// <summary>Conditions on requests: the section <c>match</c> of routes, of rates and of authorization.</summary>
internal static class MatchLanguage
{
    /// <summary>Conditions within one match; whoever needs more writes several.</summary>
    public const int Conditions = 32;

    /// <summary>Longest path, header value or query value that is compared.</summary>
    private const int ValueLength = 2048;

    private const string QuerySummary =
        "All of these hold for the request's query parameters; names in their own case.";

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

    /// <summary>For routes and rates.</summary>
    public static ObjectShape<MatchRule> OfTraffic { get; } = Common()
        .With(
            "query",
            new MapShape<StringMatch>(
                "a query parameter's name", null, Names.MaxLength, Value, 1, Conditions, allOrNothing: true),
            QuerySummary,
            m => m.Query,
            (m, v) => m with { Query = v });

    /// <summary>For rules about who may call.</summary>
    public static ObjectShape<MatchRule> OfSecurity { get; } = Common()
        .Elsewhere(
            "query",
            QuerySummary,
            "Servers read query strings in too many ways to decide by them who may call; decide by path, method or header.");

    /// <summary>The text of a condition, for comparing two of them.</summary>
    public static string Print(MatchRule match) => Printing.ToText(OfTraffic, match);

    /// <summary>True when a condition takes every request.</summary>
    public static bool TakesAll(MatchRule? match) =>
        match is null ||
        (match is { Methods: null, Headers: null, Query: null } &&
         (match.Paths is null || match.Paths.Any(p => p is { Kind: StringMatchKind.Prefix, Value: "/" })));

    private static ObjectShape<MatchRule> Common() =>
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
                (m, v) => m with { Headers = v });
}
