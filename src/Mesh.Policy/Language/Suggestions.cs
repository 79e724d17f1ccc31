namespace Mesh.Policy.Language;

/// <summary>"Did you mean": the known word closest to what was written.</summary>
internal static class Suggestions
{
    /// <summary>
    /// Longer words are not compared: nobody mistypes them into a known one, and the cost is quadratic.
    /// </summary>
    private const int LongestCompared = 40;

    /// <summary>
    /// The closest of <paramref name="known"/> within a third of its length (at least one) edits, case ignored;
    /// <see langword="null"/> when none is near.
    /// </summary>
    public static string? Closest(string written, IEnumerable<string> known)
    {
        if (written.Length is 0 or > LongestCompared)
        {
            return null;
        }

        string? best = null;
        var bestDistance = int.MaxValue;
        foreach (var word in known)
        {
            var distance = Distance(written, word);
            if (distance < bestDistance && distance <= Math.Max(1, word.Length / 3))
            {
                best = word;
                bestDistance = distance;
            }
        }

        return best;
    }

    /// <summary>Edits between two words, a swap of neighbours counting as one (optimal string alignment).</summary>
    private static int Distance(string left, string right)
    {
        var table = new int[left.Length + 1, right.Length + 1];
        for (var i = 0; i <= left.Length; i++)
        {
            table[i, 0] = i;
        }

        for (var j = 0; j <= right.Length; j++)
        {
            table[0, j] = j;
        }

        for (var i = 1; i <= left.Length; i++)
        {
            for (var j = 1; j <= right.Length; j++)
            {
                var cost = Same(left[i - 1], right[j - 1]) ? 0 : 1;
                var edits = Math.Min(Math.Min(table[i - 1, j], table[i, j - 1]) + 1, table[i - 1, j - 1] + cost);
                var swapped = i > 1 && j > 1 && Same(left[i - 1], right[j - 2]) && Same(left[i - 2], right[j - 1]);
                table[i, j] = swapped ? Math.Min(edits, table[i - 2, j - 2] + 1) : edits;
            }
        }

        return table[left.Length, right.Length];
    }

    private static bool Same(char left, char right) => char.ToLowerInvariant(left) == char.ToLowerInvariant(right);
}
