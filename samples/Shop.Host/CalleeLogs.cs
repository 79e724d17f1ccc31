namespace Shop.Host;

/// <summary>Per-edge counts from the callees' own access logs.</summary>
internal static class CalleeLogs
{
    /// <summary>Requests begun per (caller, callee).</summary>
    public static IReadOnlyDictionary<(string Caller, string Callee), SeenRequests> Count(string folder)
    {
        var counts = new Dictionary<(string, string), SeenRequests>();
        var logs = Path.Combine(folder, "logs");
        if (!Directory.Exists(logs))
        {
            return counts;
        }

        foreach (var file in Directory.EnumerateFiles(logs, "*.log", SearchOption.AllDirectories))
        {
            var callee = Path.GetFileName(Path.GetDirectoryName(file)!);
            foreach (var line in Lines(file))
            {
                // time caller peer method path outcome; a request begins once, however it ends.
                var fields = line.Split(' ');
                if (fields is [_, var caller, var peer, _, _, "begin"])
                {
                    var seen = counts.GetValueOrDefault((caller, callee), SeenRequests.None);
                    counts[(caller, callee)] = seen.Add(caller, peer);
                }
            }
        }

        return counts;
    }

    /// <summary>Lines of a file that its process still writes.</summary>
    private static IEnumerable<string> Lines(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            yield return line;
        }
    }
}
