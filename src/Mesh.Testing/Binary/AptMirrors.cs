namespace Mesh.Testing;

/// <summary>
/// The mirrors that apt is configured to use for the machine's own suite. They usually serve the other suites too, and
/// in a closed network they are the only ones that answer.
/// </summary>
internal static class AptMirrors
{
    /// <summary>From the output of <c>apt-get indextargets --format '$(REPO_URI)|$(CODENAME)|$(SUITE)'</c>.</summary>
    public static IEnumerable<string> OfIndexTargets(string output, string ownSuite) =>
        output.Split('\n')
            .Select(line => line.Trim().Split('|'))
            .Where(fields => fields.Length == 3 && (fields[1] == ownSuite || fields[2] == ownSuite))
            .Select(fields => Normal(fields[0]))
            .Where(IsWeb);

    /// <summary>
    /// From the sources files themselves, in both of apt's formats: <c>indextargets</c> lists nothing until somebody
    /// has run <c>apt-get update</c>, and images are shipped without its lists.
    /// </summary>
    public static IEnumerable<string> OfSources(string aptFolder, string ownSuite)
    {
        var parts = Path.Combine(aptFolder, "sources.list.d");
        var files = new[] { Path.Combine(aptFolder, "sources.list") }
            .Where(File.Exists)
            .Concat(Directory.Exists(parts) ? Directory.EnumerateFiles(parts).Order(StringComparer.Ordinal) : []);
        foreach (var file in files)
        {
            var text = File.ReadAllText(file);
            var found = Path.GetExtension(file) == ".sources" ? OfStanzas(text, ownSuite) : OfLines(text, ownSuite);
            foreach (var mirror in found.Where(IsWeb))
            {
                yield return mirror;
            }
        }
    }

    private static IEnumerable<string> OfLines(string text, string ownSuite)
    {
        foreach (var line in text.Split('\n'))
        {
            // deb [options] uri suite component...
            var words = line.Trim().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).ToList();
            if (words.FirstOrDefault() != "deb")
            {
                continue;
            }

            var start = words.Count > 1 && words[1].StartsWith('[') ? words.FindIndex(w => w.EndsWith(']')) + 1 : 1;
            if (start > 0 && words.Count > start + 1 && words[start + 1] == ownSuite)
            {
                yield return Normal(words[start]);
            }
        }
    }

    private static IEnumerable<string> OfStanzas(string text, string ownSuite)
    {
        foreach (var stanza in text.ReplaceLineEndings("\n").Split("\n\n"))
        {
            var fields = stanza.Split('\n')
                .Where(line => !line.StartsWith('#'))
                .Select(line => line.Split(':', 2))
                .Where(pair => pair.Length == 2)
                .ToLookup(pair => pair[0].Trim(), pair => pair[1], StringComparer.OrdinalIgnoreCase);
            if (Words(fields["Types"]).Contains("deb") && Words(fields["Suites"]).Contains(ownSuite))
            {
                foreach (var uri in Words(fields["URIs"]))
                {
                    yield return Normal(uri);
                }
            }
        }
    }

    private static IEnumerable<string> Words(IEnumerable<string> values) =>
        values.SelectMany(v => v.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private static string Normal(string uri) => uri.TrimEnd('/');

    private static bool IsWeb(string uri) =>
        uri.StartsWith("http://", StringComparison.Ordinal) || uri.StartsWith("https://", StringComparison.Ordinal);
}
