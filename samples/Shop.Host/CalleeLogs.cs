namespace Shop.Host;

/// <summary>Per-edge counts from the callees' own access logs.</summary>
internal static class CalleeLogs
{
    /// <summary>Requests begun per (caller, callee).</summary>
    public static IReadOnlyDictionary<(string Caller, string Callee), long> Count(string folder)
    {
        var counts = new Dictionary<(string, string), long>();
        foreach (var file in Directory.EnumerateFiles(Path.Combine(folder, "logs"), "*.log", SearchOption.AllDirectories))
        {
            var callee = Path.GetFileName(Path.GetDirectoryName(file)!);
            foreach (var line in File.ReadLines(file))
            {
                // time caller method path outcome; a request begins once, however it ends.
                var fields = line.Split(' ');
                if (fields is [_, var caller, _, _, "begin"])
                {
                    counts[(caller, callee)] = counts.GetValueOrDefault((caller, callee)) + 1;
                }
            }
        }

        return counts;
    }
}
