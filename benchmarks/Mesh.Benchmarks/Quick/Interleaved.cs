using System.Diagnostics;

namespace Mesh.Benchmarks.Quick;

/// <summary>
/// Runs variants in turn, round after round, so that what disturbs the machine disturbs all of them, and each round
/// gives a ratio of its own. BenchmarkDotNet runs one benchmark after the other, which on a shared machine compares
/// minutes. Many short windows rather than few long ones: neighbours of a ratio are then close in time.
/// </summary>
internal static class Interleaved
{
    private const int Batch = 500;
    private static readonly TimeSpan WarmUp = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Window = TimeSpan.FromMilliseconds(60);

    /// <summary>The first tier counts 30 calls and then 100 ms; three bursts with pauses are through with it.</summary>
    private const int WarmUpBursts = 3;

    public static async Task<Measurements> RunAsync(
        IReadOnlyList<Variant> variants, int rounds, TimeSpan atMost, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        for (var burst = 0; burst < WarmUpBursts; burst++)
        {
            foreach (var variant in variants)
            {
                await MeasureAsync(variant, WarmUp);
            }

            await Task.Delay(150, cancellationToken);
        }

        var measurements = new Measurements();
        for (var round = 0; round < rounds && (clock.Elapsed < atMost || round < 3); round++)
        {
            for (var i = 0; i < variants.Count; i++)
            {
                cancellationToken.ThrowIfCancellationRequested();

                // Another start in every round: whoever runs after a heavy neighbour must not be the same each time.
                var variant = variants[(i + (round * 7)) % variants.Count];
                measurements.Add(variant.Key, await MeasureAsync(variant, Window));
            }
        }

        return measurements;
    }

    private static async Task<Sample> MeasureAsync(Variant variant, TimeSpan window)
    {
        using var listening = variant.Listen?.Invoke();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        await variant.RunAsync(Batch);
        var calls = 0;
        var bytes = GC.GetTotalAllocatedBytes(precise: true);
        var started = Stopwatch.GetTimestamp();
        TimeSpan elapsed;
        do
        {
            await variant.RunAsync(Batch);
            calls += Batch;
            elapsed = Stopwatch.GetElapsedTime(started);
        }
        while (elapsed < window);

        var allocated = GC.GetTotalAllocatedBytes(precise: true) - bytes;
        return new Sample(elapsed.TotalNanoseconds / calls, (double)allocated / calls);
    }
}
