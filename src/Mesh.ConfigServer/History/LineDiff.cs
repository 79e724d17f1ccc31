namespace Mesh.ConfigServer.History;

/// <summary>What differs between two texts, line by line, with all lines that stay.</summary>
internal static class LineDiff
{
    /// <summary>
    /// Cells of the table below: 4 MiB of memory. Documents that differ in more lines than that are shown as one block
    /// taken out and another put in.
    /// </summary>
    private const int MaxCells = 1024 * 1024;

    public static IReadOnlyList<string> Between(string before, string after)
    {
        var (left, right) = (Lines(before), Lines(after));
        var start = 0;
        while (start < left.Length && start < right.Length && left[start] == right[start])
        {
            start++;
        }

        var end = 0;
        while (end < left.Length - start && end < right.Length - start && left[^(end + 1)] == right[^(end + 1)])
        {
            end++;
        }

        var result = new List<string>(left[..start].Select(l => " " + l));
        Middle(left[start..^end], right[start..^end], result);
        result.AddRange(left[^end..].Select(l => " " + l));
        return result;
    }

    private static string[] Lines(string text) =>
        text.Split('\n').Select(l => l.TrimEnd('\r')).ToArray();

    /// <summary>By the longest common subsequence, found from the end so that it can be read from the start.</summary>
    private static void Middle(string[] left, string[] right, List<string> result)
    {
        if ((long)(left.Length + 1) * (right.Length + 1) > MaxCells)
        {
            result.AddRange(left.Select(l => "-" + l));
            result.AddRange(right.Select(l => "+" + l));
            return;
        }

        var common = new int[left.Length + 1, right.Length + 1];
        for (var i = left.Length - 1; i >= 0; i--)
        {
            for (var j = right.Length - 1; j >= 0; j--)
            {
                common[i, j] = left[i] == right[j]
                    ? common[i + 1, j + 1] + 1
                    : Math.Max(common[i + 1, j], common[i, j + 1]);
            }
        }

        var (a, b) = (0, 0);
        while (a < left.Length || b < right.Length)
        {
            if (a < left.Length && b < right.Length && left[a] == right[b])
            {
                result.Add(" " + left[a++]);
                b++;
            }
            else if (b == right.Length || (a < left.Length && common[a + 1, b] >= common[a, b + 1]))
            {
                result.Add("-" + left[a++]);
            }
            else
            {
                result.Add("+" + right[b++]);
            }
        }
    }
}
