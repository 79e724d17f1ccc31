using Mesh.Policy;

namespace Mesh.Client.Routing;

/// <summary>Finds parameters in the query of a URI; allocates only for those that are escaped.</summary>
internal static class QueryText
{
    /// <summary>True when a parameter of this name passes, or, for "absent", when there is none.</summary>
    public static bool Matches(ReadOnlySpan<char> query, string name, TextMatcher matcher)
    {
        var present = false;
        foreach (var range in query.Split('&'))
        {
            var part = query[range];
            var equals = part.IndexOf('=');
            var key = equals < 0 ? part : part[..equals];
            if (part.IsEmpty || !IsName(key, name))
            {
                continue;
            }

            present = true;
            var value = equals < 0 ? default : part[(equals + 1)..];
            if (IsEscaped(value) ? matcher.Matches(Unescape(value)) : matcher.Matches(value))
            {
                return true;
            }
        }

        return !present && matcher.Kind == StringMatchKind.Absent;
    }

    private static bool IsName(ReadOnlySpan<char> key, string name) =>
        IsEscaped(key) ? Unescape(key) == name : key.SequenceEqual(name);

    private static bool IsEscaped(ReadOnlySpan<char> text) => text.ContainsAny('%', '+');

    private static string Unescape(ReadOnlySpan<char> text) =>
        Uri.UnescapeDataString(text.ToString().Replace('+', ' '));
}
