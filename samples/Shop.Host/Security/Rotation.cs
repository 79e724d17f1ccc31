using System.Diagnostics;
using System.Text.Json.Serialization;

namespace Shop.Host.Security;

/// <summary>One change of certificates under load, and how it went.</summary>
/// <param name="Instances">Processes that had to change.</param>
/// <param name="Changed">Those that did.</param>
/// <param name="WithinSeconds">Until the last of them had.</param>
/// <param name="Failed">Requests of customers that failed meanwhile.</param>
internal sealed record Rotation(int Instances, int Changed, double WithinSeconds, long Failed)
{
    [JsonIgnore]
    public bool IsGood => Instances > 0 && Changed == Instances && Failed == 0;

    /// <summary>Waits until every instance shows another leaf than before, by what counts as another one.</summary>
    public static async Task<Rotation> WatchAsync(
        Fleet fleet, IReadOnlyDictionary<string, Leaf> before, Func<Leaf, string> what, Func<long> failed,
        TimeSpan patience, CancellationToken stop)
    {
        var (watch, failedBefore) = (Stopwatch.StartNew(), failed());
        var waiting = fleet.Services.Where(s => before.ContainsKey(s.Instance)).ToList();
        while (waiting.Count > 0 && watch.Elapsed < patience)
        {
            foreach (var instance in waiting.ToList())
            {
                if (await LeafReader.ReadAsync(instance.Port, stop) is { } leaf &&
                    what(leaf) != what(before[instance.Instance]))
                {
                    waiting.Remove(instance);
                }
            }

            await Task.Delay(waiting.Count > 0 ? 500 : 0, stop);
        }

        return new Rotation(
            before.Count, before.Count - waiting.Count, Math.Round(watch.Elapsed.TotalSeconds, 1),
            failed() - failedBefore);
    }

    /// <summary>What every instance shows now; those that show nothing are left out.</summary>
    public static async Task<IReadOnlyDictionary<string, Leaf>> ReadAsync(Fleet fleet, CancellationToken stop)
    {
        var leaves = new Dictionary<string, Leaf>();
        foreach (var instance in fleet.Services)
        {
            if (await LeafReader.ReadAsync(instance.Port, stop) is { } leaf)
            {
                leaves[instance.Instance] = leaf;
            }
        }

        return leaves;
    }
}
