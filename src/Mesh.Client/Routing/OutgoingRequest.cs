namespace Mesh.Client.Routing;

/// <summary>A request that is sent, as conditions see it.</summary>
internal readonly struct OutgoingRequest(HttpRequestMessage request) : IMatchable
{
    public string Method => request.Method.Method;

    // As it is sent: escaped, without dot segments. The platform keeps the text with its Uri.
    public ReadOnlySpan<char> Path => request.RequestUri!.AbsolutePath;

    public ReadOnlySpan<char> Query => request.RequestUri!.Query.AsSpan().TrimStart('?');

    // Not validated: a malformed header is the callee's business.
    public bool MatchesHeader(string name, TextMatcher matcher)
    {
        if (!request.Headers.NonValidated.TryGetValues(name, out var values))
        {
            return matcher.Kind == Policy.StringMatchKind.Absent;
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
