namespace Mesh.Policy.Language.Shapes;

/// <summary>What a text may contain.</summary>
/// <param name="Described">In words: "letters, digits, …".</param>
/// <param name="Pattern">As a pattern for the JSON Schema; as strict as <paramref name="Allows"/>.</param>
/// <param name="Allows">The rule.</param>
/// <param name="Suggest">What was probably meant by a text that breaks it.</param>
internal sealed record TextRule(
    string Described, string Pattern, Func<string, bool> Allows, Func<string, string?>? Suggest = null)
{
    /// <summary>Names of routes and subsets.</summary>
    public static TextRule Label { get; } = new(
        "letters, digits, '-', '_' and '.', a letter or digit first",
        "^[A-Za-z0-9][A-Za-z0-9_.-]*$",
        Names.IsLabel);

    /// <summary>Names of services: see <see cref="PolicyKey.IsServiceName"/>.</summary>
    public static TextRule Service { get; } = new(
        "lower-case letters, digits, '-', '_' and '.', a letter or digit first",
        "^[a-z0-9][a-z0-9_.-]*$",
        Names.IsService,
        static text => Names.IsService(text.ToLowerInvariant()) ? text.ToLowerInvariant() : null);

    /// <summary>HTTP methods: case matters to servers, so a lower-case one is a mistake.</summary>
    public static TextRule Method { get; } = new(
        "upper-case letters, digits and '-'",
        "^[A-Z][A-Z0-9-]*$",
        IsMethod,
        static text => IsMethod(text.ToUpperInvariant()) ? text.ToUpperInvariant() : null);

    /// <summary>Names of headers.</summary>
    public static TextRule HeaderName { get; } = new(
        "the characters of an HTTP header name",
        "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$",
        Names.IsToken);

    /// <summary>An absolute path without query.</summary>
    public static TextRule Path { get; } = new(
        "a '/' first and neither '?' nor '#'",
        "^/[^?#]*$",
        static text => text.StartsWith('/') && text.AsSpan().IndexOfAny('?', '#') < 0,
        static text => text.AsSpan().IndexOfAny('?', '#') < 0 && text[0] != '/' ? "/" + text : null);

    /// <summary>A gRPC method, or all of a service.</summary>
    public static TextRule GrpcMethod { get; } = new(
        "/package.Service/Method or /package.Service/*",
        "^/[A-Za-z0-9_.]+/([A-Za-z0-9_]+|\\*)$",
        IsGrpcMethod,
        static text => IsGrpcMethod("/" + text) ? "/" + text : IsGrpcMethod(text + "/*") ? text + "/*" : null);

    private static bool IsGrpcMethod(string text) =>
        text.Split('/') is ["", { Length: > 0 } service, { Length: > 0 } method] &&
        service.All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.') &&
        (method == "*" || method.All(static c => char.IsAsciiLetterOrDigit(c) || c == '_'));

    private static bool IsMethod(string text) =>
        char.IsAsciiLetterUpper(text[0]) &&
        text.All(static c => char.IsAsciiLetterUpper(c) || char.IsAsciiDigit(c) || c == '-');
}
