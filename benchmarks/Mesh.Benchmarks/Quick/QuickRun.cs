using System.Runtime;
using System.Runtime.InteropServices;
using Mesh.Benchmarks.Subjects;

namespace Mesh.Benchmarks.Quick;

/// <summary>The two-minute run: every variant in every round, ratios, bytes, and the gates.</summary>
internal static class QuickRun
{
    private const int Rounds = 31;

    /// <summary>With parts and warm-up, the whole stays within two minutes.</summary>
    private static readonly TimeSpan AtMost = TimeSpan.FromSeconds(85);

    /// <summary>Runs, and returns the process's exit code: 1 when a byte gate is missed.</summary>
    public static async Task<int> RunAsync(TextWriter output, CancellationToken cancellationToken)
    {
        await output.WriteLineAsync(Machine());
        using var lineup = new Lineup();
        var run = await Interleaved.RunAsync(lineup.Variants, Rounds, AtMost, cancellationToken);
        Gate[] gates = [.. Gates.Of(run), .. StructureGates()];
        await WriteGatesAsync(output, gates);
        await WritePeerAsync(output, run);
        await WriteVariantsAsync(output, lineup, run);
        await WritePartsAsync(output);

        var missed = gates.Count(static gate => gate is { IsHard: true, IsMet: false });
        await output.WriteLineAsync(missed == 0
            ? $"All byte gates met; {run.Rounds} rounds."
            : $"{missed} byte gate(s) MISSED; {run.Rounds} rounds.");
        return missed == 0 ? 0 : 1;
    }

    private static IEnumerable<Gate> StructureGates()
    {
        yield return new Gate(
            "bytes kept per known endpoint without a connection (P14)",
            Parts.BytesPerEndpoint(), Parts.EndpointLimit, "B", IsHard: true);
        yield return new Gate(
            "pick and statistics, 2 threads by 1, ns per attempt (P15)",
            Parts.Threads().Median, Parts.ThreadLimit, "x", IsHard: false);
    }

    private static string Machine() =>
        $"""
        {RuntimeInformation.FrameworkDescription}, {RuntimeInformation.OSArchitecture},
        {Environment.ProcessorCount} processors, {(GCSettings.IsServerGC ? "server" : "workstation")} collector,
        load average at start {LoadAverage()}.
        Quote ratios: absolute times move with the machine's other tenants.

        """;

    private static string LoadAverage() =>
        File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : "unknown";

    private static async Task WriteGatesAsync(TextWriter output, IEnumerable<Gate> gates)
    {
        await output.WriteLineAsync("| gate | limit | measured | |");
        await output.WriteLineAsync("|---|---|---|---|");
        foreach (var gate in gates)
        {
            await output.WriteLineAsync(gate.Row());
        }

        await output.WriteLineAsync();
    }

    private static async Task WritePeerAsync(TextWriter output, Measurements run)
    {
        foreach (var suspends in new[] { false, true })
        {
            var added = run.AddedRatio(
                Lineup.Key(Lineup.ClientPolly, suspends, false),
                Lineup.Key(Lineup.ClientMesh, suspends, false),
                Lineup.Key(Lineup.PlainClient, suspends, false));
            await output.WriteLineAsync(
                $"Polly.Core's four strategies alone add {added.Median:0.0} times what the whole mesh adds " +
                $"({(suspends ? "suspending" : "completed")} stub).");
        }

        await output.WriteLineAsync(
            "Standard resilience with service discovery, of the gate \"6 times less added\", is not measured here: it");
        await output.WriteLineAsync("is not in every registry; the peer of this run is Polly.Core's own pipeline.");
        await output.WriteLineAsync();
    }

    private static async Task WriteVariantsAsync(TextWriter output, Lineup lineup, Measurements run)
    {
        await output.WriteLineAsync("| stub/body | variant | ns, median (least–most) | B | by HttpClient | B more |");
        await output.WriteLineAsync("|---|---|---|---|---|---|");
        foreach (var variant in lineup.Variants)
        {
            var key = variant.Key;
            var shape = key.Contains('/') ? key[(key.IndexOf('/') + 1)..] : "suspending/empty";
            var baseline = $"{Lineup.PlainClient}/{shape}";
            await output.WriteLineAsync(
                $"| {shape} | {variant.Title} | {run.Nanoseconds(key).Text("0")} | {run.Bytes(key):0} " +
                $"| {run.Ratio(key, baseline).Text("0.00")} | {run.Bytes(key) - run.Bytes(baseline):+0;-0;0} |");
        }

        await output.WriteLineAsync();
    }

    private static async Task WritePartsAsync(TextWriter output)
    {
        await output.WriteLineAsync("| part | cost |");
        await output.WriteLineAsync("|---|---|");
        foreach (var part in Parts.Measure())
        {
            await output.WriteLineAsync($"| {part.Title} | {part.Cost} |");
        }

        await output.WriteLineAsync();
    }
}
