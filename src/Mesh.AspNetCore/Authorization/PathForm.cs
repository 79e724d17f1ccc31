using Microsoft.AspNetCore.Http;

namespace Mesh.AspNetCore.Authorization;

/// <summary>
/// The form of a path that rules look at: the one that the application's routing will see, which is what Kestrel makes of
/// the request: decoded once, dot segments resolved. What could be read as another path by whoever decodes or cleans it
/// once more (a file system, a proxied server, a catch-all route) is ambiguous, and is never matched at all.
/// </summary>
internal static class PathForm
{
    /// <summary>Before the application's middleware there is no base path but one that the server itself knows.</summary>
    public static string Of(HttpRequest request) =>
        request.PathBase.HasValue ? request.PathBase.Value + request.Path.Value : request.Path.Value ?? "";

    /// <summary>
    /// An escape that is left (of a slash, of an escape, of bytes that are no UTF-8), a backslash, an empty or dot segment, a
    /// segment with parameters or with a dot or a space at its end, a control character.
    /// </summary>
    public static bool IsAmbiguous(ReadOnlySpan<char> path)
    {
        var before = '\0';
        for (var i = 0; i < path.Length; i++)
        {
            var now = path[i];
            var odd = now switch
            {
                '\\' or ';' => true,
                '/' => before is '/' or '.' or ' ',
                '%' => i + 2 < path.Length && char.IsAsciiHexDigit(path[i + 1]) && char.IsAsciiHexDigit(path[i + 2]),
                _ => char.IsControl(now),
            };
            if (odd)
            {
                return true;
            }

            before = now;
        }

        return before is '.' or ' ';
    }
}
