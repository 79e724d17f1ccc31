using Shop.Common;

namespace Shop.Host;

/// <summary>All calls of one service to another.</summary>
internal sealed record Edge(
    string Caller, string Callee, long Calls, long Failed, long Retries, long Timeouts, long Ejections,
    string Endpoints, long[] Latencies)
{
    public string Name => $"{Caller} -> {Callee}";

    public double P50 => Math.Round(LatencyBuckets.Quantile(Latencies, 0.50), 2);

    public double P99 => Math.Round(LatencyBuckets.Quantile(Latencies, 0.99), 2);

    public static Edge Sum(string caller, string callee, IReadOnlyList<UpstreamStats> parts)
    {
        var latencies = new long[LatencyBuckets.Count];
        foreach (var part in parts)
        {
            for (var i = 0; i < latencies.Length; i++)
            {
                latencies[i] += part.Latencies[i];
            }
        }

        // Every caller keeps its own view; the table shows the latest written one.
        var endpoints = parts.Where(p => p.Endpoints.Count > 0).Select(p => p.Endpoints).LastOrDefault() ?? [];
        return new Edge(
            caller, callee,
            parts.Sum(p => p.Calls), parts.Sum(p => p.Failed), parts.Sum(p => p.Retries.Values.Sum()),
            parts.Sum(p => p.Retries.GetValueOrDefault("timed_out")), parts.Sum(p => p.Ejections),
            string.Join(' ', endpoints.Where(e => e.Value > 0).Select(e => $"{e.Value} {e.Key}")), latencies);
    }
}
