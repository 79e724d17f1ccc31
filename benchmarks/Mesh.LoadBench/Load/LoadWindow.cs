using System.Diagnostics;

namespace Mesh.LoadBench.Load;

/// <summary>A closed loop of so many calls at once: ramp, window, stop.</summary>
/// <param name="client">What calls.</param>
/// <param name="addresses">Called in turn.</param>
/// <param name="serverIds">The processes that answer, for their processor time.</param>
/// <param name="proxyIds">Processes in between, with their own workers, for theirs.</param>
internal sealed class LoadWindow(HttpClient client, Uri[] addresses, int[] serverIds, int[] proxyIds)
{
    private volatile bool _counts;
    private volatile bool _stops;
    private long _errors;
    private string? _firstError;

    public async Task<WindowResult> RunAsync(WindowOrder order)
    {
        var histograms = Enumerable.Range(0, order.InFlight).Select(static _ => new LatencyHistogram()).ToArray();
        var workers = histograms.Select((histogram, index) => Task.Run(() => WorkAsync(index, histogram))).ToArray();
        await Task.Delay(order.RampMilliseconds);

        var own = ProcessorTime.SecondsOf(Environment.ProcessId);
        var (server, proxies) = (SecondsOf(serverIds), SecondsOf(proxyIds));
        var bytes = GC.GetTotalAllocatedBytes();
        var started = Stopwatch.GetTimestamp();
        _counts = true;
        await Task.Delay(order.WindowMilliseconds);
        _counts = false;
        var elapsed = Stopwatch.GetElapsedTime(started);
        bytes = GC.GetTotalAllocatedBytes() - bytes;
        own = ProcessorTime.SecondsOf(Environment.ProcessId) - own;
        (server, proxies) = (SecondsOf(serverIds) - server, SecondsOf(proxyIds) - proxies);

        _stops = true;
        await Task.WhenAll(workers);
        var all = new LatencyHistogram();
        Array.ForEach(histograms, all.Add);
        return new WindowResult(
            elapsed.TotalSeconds, all.Count, _errors, all.Percentile(0.5), all.Percentile(0.99), all.Percentile(0.999),
            own, server, bytes, _firstError, proxies);
    }

    private static double SecondsOf(int[] processes) => processes.Sum(ProcessorTime.SecondsOfFamily);

    private async Task WorkAsync(int index, LatencyHistogram histogram)
    {
        var next = index;
        while (!_stops)
        {
            var started = Stopwatch.GetTimestamp();
            try
            {
                using var response = await client.GetAsync(addresses[next++ % addresses.Length]);
                response.EnsureSuccessStatusCode();
            }
            catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
            {
                Interlocked.Increment(ref _errors);
                Interlocked.CompareExchange(ref _firstError, exception.Message, null);
                continue;
            }

            if (_counts)
            {
                histogram.Add(Stopwatch.GetTimestamp() - started);
            }
        }
    }
}
