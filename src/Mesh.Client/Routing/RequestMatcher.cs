using Mesh.Policy;

namespace Mesh.Client.Routing;

/// <summary>The condition of a route compiled: all parts that are set must hold; a list within a part is OR.</summary>
internal sealed class RequestMatcher
{
    private readonly string[]? _methods;
    private readonly TextMatcher[]? _paths;
    private readonly (string Name, TextMatcher Value)[] _headers;
    private readonly (string Name, TextMatcher Value)[] _query;

    public RequestMatcher(MatchRule rule)
    {
        _methods = rule.Methods?.ToArray();
        _paths = rule.Paths?.Select(static path => new TextMatcher(path)).ToArray();
        _headers = Compile(rule.Headers);
        _query = Compile(rule.Query);
    }

    public bool Matches(HttpRequestMessage request) =>
        MatchesMethod(request.Method.Method) &&
        MatchesPath(request.RequestUri!) &&
        MatchesHeaders(request) &&
        MatchesQuery(request.RequestUri!);

    /// <summary>
    /// What of the request fails first, in the order in which <see cref="Matches"/> asks; <see langword="null"/> when it
    /// matches.
    /// </summary>
    public MatchFailure? FirstFailure(HttpRequestMessage request)
    {
        if (!MatchesMethod(request.Method.Method))
        {
            return new MatchFailure(MatchPart.Method, "");
        }

        if (!MatchesPath(request.RequestUri!))
        {
            return new MatchFailure(MatchPart.Path, "");
        }

        foreach (var (name, matcher) in _headers)
        {
            if (!MatchesHeader(request, name, matcher))
            {
                return new MatchFailure(MatchPart.Header, name);
            }
        }

        var query = Query(request.RequestUri!);
        foreach (var (name, matcher) in _query)
        {
            if (!QueryText.Matches(query, name, matcher))
            {
                return new MatchFailure(MatchPart.Query, name);
            }
        }

        return null;
    }

    private static ReadOnlySpan<char> Query(Uri uri) => uri.Query.AsSpan().TrimStart('?');

    private static (string, TextMatcher)[] Compile(IReadOnlyDictionary<string, StringMatch>? matches) =>
        matches?.Select(static pair => (pair.Key, new TextMatcher(pair.Value))).ToArray() ?? [];

    private bool MatchesMethod(string method)
    {
        if (_methods is null)
        {
            return true;
        }

        foreach (var candidate in _methods)
        {
            if (candidate.Equals(method, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    // As it is sent: escaped, without dot segments. The platform keeps the text with its Uri.
    private bool MatchesPath(Uri uri)
    {
        if (_paths is null)
        {
            return true;
        }

        var path = uri.AbsolutePath;
        foreach (var candidate in _paths)
        {
            if (candidate.MatchesPath(path))
            {
                return true;
            }
        }

        return false;
    }

    private bool MatchesHeaders(HttpRequestMessage request)
    {
        foreach (var (name, matcher) in _headers)
        {
            if (!MatchesHeader(request, name, matcher))
            {
                return false;
            }
        }

        return true;
    }

    // One of several values is enough. Not validated: a malformed header is the callee's business.
    private static bool MatchesHeader(HttpRequestMessage request, string name, TextMatcher matcher)
    {
        if (!request.Headers.NonValidated.TryGetValues(name, out var values))
        {
            return matcher.Kind == StringMatchKind.Absent;
        }

        foreach (var value in values)
        {
            if (matcher.Matches(value))
            {
                return true;
            }
        }

        return false;
    }

    private bool MatchesQuery(Uri uri)
    {
        if (_query.Length == 0)
        {
            return true;
        }

        var query = Query(uri);
        foreach (var (name, matcher) in _query)
        {
            if (!QueryText.Matches(query, name, matcher))
            {
                return false;
            }
        }

        return true;
    }
}
