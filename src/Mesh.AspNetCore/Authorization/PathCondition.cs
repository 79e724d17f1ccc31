using Mesh.Client.Routing;
using Mesh.Policy;

namespace Mesh.AspNetCore.Authorization;

/// <summary>
/// A test on a path. ASP.NET's routing neither looks at upper and lower case nor at a slash at the end, and other code may:
/// so a denial takes every spelling that routing takes for the same, and an allowance only the one that is written.
/// </summary>
internal sealed class PathCondition(StringMatch match, bool segments, bool denies)
{
    private const int OnStack = 256;

    private readonly TextMatcher _text = new(match, ignoreCase: denies);

    public bool Matches(string path)
    {
        if (Fits(path))
        {
            return true;
        }

        if (!denies)
        {
            return false;
        }

        var trimmed = path.AsSpan().TrimEnd('/');
        if (trimmed.Length < path.Length)
        {
            return Fits(trimmed);
        }

        Span<char> longer = path.Length < OnStack ? stackalloc char[OnStack] : new char[path.Length + 1];
        path.CopyTo(longer);
        longer[path.Length] = '/';
        return Fits(longer[..(path.Length + 1)]);
    }

    private bool Fits(ReadOnlySpan<char> path) => segments ? _text.MatchesPath(path) : _text.Matches(path);
}
