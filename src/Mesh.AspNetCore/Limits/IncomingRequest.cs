using Mesh.Client.Routing;
using Mesh.Policy;
using Microsoft.AspNetCore.Http;

namespace Mesh.AspNetCore.Limits;

/// <summary>
/// A request that is served, as conditions see it. Its path is what routing will see: decoded, without dot segments.
/// </summary>
internal readonly struct IncomingRequest(HttpRequest request) : IMatchable
{
    public string Method => request.Method;

    public ReadOnlySpan<char> Path => request.Path.HasValue ? request.Path.Value : "/";

    public ReadOnlySpan<char> Query => request.QueryString.HasValue ? request.QueryString.Value.AsSpan(1) : default;

    public bool MatchesHeader(string name, TextMatcher matcher)
    {
        if (!request.Headers.TryGetValue(name, out var values))
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
}
