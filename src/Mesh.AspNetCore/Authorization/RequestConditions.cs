using Mesh.Client.Routing;
using Mesh.Policy;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Mesh.AspNetCore.Authorization;

/// <summary>What an allowance or a denial asks of a request; all of it must hold.</summary>
internal sealed class RequestConditions
{
    private readonly string[]? _methods;
    private readonly PathCondition[][] _paths;
    private readonly ValueCondition[] _headers;
    private readonly ValueCondition[] _query;

    /// <param name="methods">Any of which; <see langword="null"/> is every method.</param>
    /// <param name="paths">Of each group one must match.</param>
    /// <param name="headers">All must match.</param>
    /// <param name="query">All must match.</param>
    public RequestConditions(
        IReadOnlyList<string>? methods,
        IEnumerable<PathCondition[]> paths,
        IEnumerable<ValueCondition> headers,
        IEnumerable<ValueCondition> query)
    {
        _methods = methods?.ToArray();
        (_paths, _headers, _query) = ([.. paths], [.. headers], [.. query]);
    }

    public static RequestConditions Of(AuthorizationRule rule)
    {
        var denies = rule.Action == AuthorizationAction.Deny;
        var paths = new List<PathCondition[]>();
        if (rule.Match?.Paths is { } matches)
        {
            paths.Add([.. matches.Select(m => new PathCondition(m, segments: true, denies))]);
        }

        if (rule.GrpcMethods is { } methods)
        {
            paths.Add([.. methods.Select(m => new PathCondition(GrpcMethod(m), segments: true, denies))]);
        }

        return new RequestConditions(
            rule.Match?.Methods, paths, Values(rule.Match?.Headers, denies), Values(rule.Match?.Query, denies));
    }

    /// <summary>Without the end user, who is asked about last.</summary>
    public Fit Of(HttpRequest request)
    {
        if (!MethodNames.Take(_methods, request.Method) || !MatchesHeaders(request) || !MatchesQuery(request))
        {
            return Fit.No;
        }

        if (_paths.Length == 0)
        {
            return Fit.Yes;
        }

        var path = PathForm.Of(request);
        return PathForm.IsAmbiguous(path) ? Fit.Ambiguous : MatchesPath(path) ? Fit.Yes : Fit.No;
    }

    private static StringMatch GrpcMethod(string method) => method.EndsWith("/*", StringComparison.Ordinal)
        ? new StringMatch(StringMatchKind.Prefix, method[..^1])
        : new StringMatch(StringMatchKind.Exact, method);

    private static IEnumerable<ValueCondition> Values(IReadOnlyDictionary<string, StringMatch>? matches, bool denies) =>
        (matches ?? new Dictionary<string, StringMatch>())
            .Select(m => new ValueCondition(m.Key, m.Value, ignoreCase: false, invert: false, denies));

    private bool MatchesPath(string path)
    {
        foreach (var group in _paths)
        {
            var any = false;
            foreach (var condition in group)
            {
                any = any || condition.Matches(path);
            }

            if (!any)
            {
                return false;
            }
        }

        return true;
    }

    private bool MatchesHeaders(HttpRequest request)
    {
        foreach (var condition in _headers)
        {
            if (!condition.Matches(Header(request, condition.Name)))
            {
                return false;
            }
        }

        return true;
    }

    private bool MatchesQuery(HttpRequest request)
    {
        foreach (var condition in _query)
        {
            if (!condition.Matches(request.Query[condition.Name]))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>What HTTP/2 sends as headers and Kestrel keeps elsewhere is there too: intentions may name it.</summary>
    private static StringValues Header(HttpRequest request, string name) => name switch
    {
        ":authority" => request.Host.Value,
        ":method" => request.Method,
        ":path" => request.PathBase + request.Path + request.QueryString,
        ":scheme" => request.Scheme,
        _ => request.Headers[name],
    };
}
