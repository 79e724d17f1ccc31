using Mesh.Tests.Shared;

namespace Mesh.Scenarios.Tests.Support;

/// <summary>What the README tells to give to Prometheus, as a reader would copy it.</summary>
internal static class ReadmeTelemetry
{
    /// <summary>The scrape configuration.</summary>
    public static string ScrapeConfiguration => string.Join('\n', Block("yaml", "scrape_configs:"));

    /// <summary>The three queries: error rate, latency, retries and ejections.</summary>
    public static string[] Queries =>
        [.. Block("promql", "#").Where(l => l.Length > 0 && !l.StartsWith('#'))];

    private static string[] Block(string language, string firstLine)
    {
        var lines = File.ReadAllLines(Path.Combine(PublicSurface.RepositoryRoot(), "README.md"));
        var start = Enumerable.Range(0, lines.Length - 1).FirstOrDefault(i =>
            lines[i] == "```" + language && lines[i + 1].StartsWith(firstLine, StringComparison.Ordinal));
        Assert.True(start > 0, $"README.md has no block of {language} that begins with '{firstLine}'.");
        return [.. lines.Skip(start + 1).TakeWhile(l => l != "```")];
    }
}
