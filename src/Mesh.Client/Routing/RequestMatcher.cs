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

    public bool Matches(HttpRequestMessage request) => Matches(new OutgoingRequest(request));

    /// <summary>The same for any kind of request.</summary>
    public bool Matches<T>(T request)
        where T : struct, IMatchable =>
        MethodNames.Take(_methods, request.Method) &&
        (_paths is null || MatchesPath(request.Path)) &&
        MatchesHeaders(request) &&
        (_query.Length == 0 || MatchesQuery(request.Query));

    /// <summary>
    /// What of the request fails first, in the order in which <see cref="Matches"/> asks; <see langword="null"/> when it
    /// matches.
    /// </summary>
    public MatchFailure? FirstFailure(HttpRequestMessage request)
    {
        if (!MethodNames.Take(_methods, request.Method.Method))
        {
            return new MatchFailure(MatchPart.Method, "");
        }

        var outgoing = new OutgoingRequest(request);
        if (!MatchesPath(outgoing.Path))
        {
            return new MatchFailure(MatchPart.Path, "");
        }

        foreach (var (name, matcher) in _headers)
        {
            if (!outgoing.MatchesHeader(name, matcher))
            {
                return new MatchFailure(MatchPart.Header, name);
            }
        }

        foreach (var (name, matcher) in _query)
        {
            if (!QueryText.Matches(outgoing.Query, name, matcher))
            {
                return new MatchFailure(MatchPart.Query, name);
            }
        }

        return null;
    }

    private static (string, TextMatcher)[] Compile(IReadOnlyDictionary<string, StringMatch>? matches) =>
        matches?.Select(static pair => (pair.Key, new TextMatcher(pair.Value))).ToArray() ?? [];

    private bool MatchesPath(ReadOnlySpan<char> path)
    {
        if (_paths is null)
        {
            return true;
        }

        foreach (var candidate in _paths)
        {
            if (candidate.MatchesPath(path))
            {
                return true;
            }
        }

        return false;
    }

    private bool MatchesHeaders<T>(T request)
        where T : struct, IMatchable
    {
        foreach (var (name, matcher) in _headers)
        {
            if (!request.MatchesHeader(name, matcher))
            {
                return false;
            }
        }

        return true;
    }

    private bool MatchesQuery(ReadOnlySpan<char> query)
    {
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
