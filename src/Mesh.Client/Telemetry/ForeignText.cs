using System.Globalization;

namespace Mesh.Client.Telemetry;

/// <summary>
/// Text whose words a peer chose, for one line of a log: without what could begin another line, steer a terminal or turn the
/// order of what follows, and not longer than anybody reads.
/// </summary>
internal static class ForeignText
{
    private const int Longest = 256;

    public static string Of(string text)
    {
        var isLong = text.Length > Longest;
        if (!isLong && !text.Any(IsOdd))
        {
            return text;
        }

        var clean = text.Take(Longest).Select(static c => IsOdd(c) ? '?' : c).ToArray();
        return new string(clean) + (isLong ? "..." : "");
    }

    private static bool IsOdd(char c) => char.GetUnicodeCategory(c) is UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate;
}
