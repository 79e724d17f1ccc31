using System.Collections.Concurrent;
using System.Text.Json;
using Shop.Common;

namespace Shop.Host;

/// <summary>What the processes say of themselves, read from the files they write, summed over instances and restarts.</summary>
internal sealed class Statistics(string folder)
{
    private readonly ConcurrentDictionary<string, InstanceStats> _files = new();

    /// <summary>Reads what changed. A process writes a file of its own, so what a killed one counted stays counted.</summary>
    public void Refresh()
    {
        var stats = Path.Combine(folder, "stats");
        if (!Directory.Exists(stats))
        {
            return;
        }

        foreach (var file in Directory.EnumerateFiles(stats, "*.json"))
        {
            _files[Path.GetFileNameWithoutExtension(file)] =
                JsonSerializer.Deserialize(File.ReadAllBytes(file), ShopJson.Default.InstanceStats)!;
        }
    }

    public long RequestsOf(string instance, int pid) =>
        _files.TryGetValue($"{instance}.{pid}", out var stats) ? stats.Requests : 0;

    /// <summary>Every edge of the call graph.</summary>
    public IReadOnlyList<Edge> Edges() =>
    [
        .. _files.Values
            .SelectMany(f => f.Upstreams.Select(u => (Caller: f.Service, Callee: u.Key, Stats: u.Value)))
            .GroupBy(x => (x.Caller, x.Callee))
            .OrderBy(g => g.Key)
            .Select(g => Edge.Sum(g.Key.Caller, g.Key.Callee, [.. g.Select(x => x.Stats)])),
    ];
}
