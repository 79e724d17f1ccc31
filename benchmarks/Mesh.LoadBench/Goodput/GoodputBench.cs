using System.Globalization;
using System.Text;
using System.Text.Json;
using Mesh.LoadBench.Roles;

namespace Mesh.LoadBench.Goodput;

/// <summary>
/// What a service gets done under more load than it can bear, with <c>inbound.concurrency: adaptive</c> and without. Server and
/// callers are processes of their own; each window has a fresh server, so that none inherits the backlog of another.
/// </summary>
internal static class GoodputBench
{
    /// <summary>How long callers wait.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromMilliseconds(300);

    private const string Policy = """{ "schema": 1, "inbound": { "concurrency": "adaptive" } }""";
    private const double Gate = 0.9;
    private const double Collapse = 0.5;

    private static readonly double[] Loads = [0.5, 1, 1.5, 2, 3, 4];

    // At half of the capacity: code is compiled, and the policy comes into force. Then under the load, before it is counted.
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(4);

    /// <summary>The tables, and whether the gate holds.</summary>
    public static async Task<(string Text, bool Passed)> RunAsync(
        string[] works, TimeSpan window, TextWriter progress, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("mesh-goodput-").FullName;
        try
        {
            Directory.CreateDirectory(Path.Combine(folder, "policy"));
            await File.WriteAllTextAsync(Path.Combine(folder, "policy", "global.json"), Policy, cancellationToken);
            var text = new StringBuilder();
            var passed = true;
            foreach (var work in works)
            {
                passed &= await RunAsync(work, folder, window, text, progress, cancellationToken);
            }

            return (text.ToString(), passed);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<bool> RunAsync(
        string work, string folder, TimeSpan window, StringBuilder text, TextWriter progress, CancellationToken cancellationToken)
    {
        var capacity = await WithServerAsync(
            new GoodputSetup(work, null),
            async loop =>
            {
                await loop.CapacityAsync(GoodputSetup.Connections, WarmUp / 2, cancellationToken);
                return await loop.CapacityAsync(GoodputSetup.Connections, window, cancellationToken);
            },
            cancellationToken);
        await progress.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{work}: capacity {capacity:0}/s"));
        text.AppendLine(CultureInfo.InvariantCulture, $"## {work}: {capacity:0} calls a second").AppendLine()
            .AppendLine("| load | | good /s | of capacity | shed /s | given up /s | failed /s | median ms | 99 % ms |")
            .AppendLine("|---|---|---|---|---|---|---|---|---|");
        var findings = new List<(double Load, GoodputFinding Plain, GoodputFinding Protected)>();
        foreach (var load in Loads)
        {
            var plain = await MeasureAsync(work, null, capacity, load, window, cancellationToken);
            var guarded = await MeasureAsync(work, folder, capacity, load, window, cancellationToken);
            findings.Add((load, plain, guarded));
            Row(text, load, "without", plain, capacity);
            Row(text, load, "with", guarded, capacity);
            await progress.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture, $"{work} {load:0.0}x: {plain.Good:0}/s without, {guarded.Good:0}/s with"));
        }

        return Conclude(text, findings);
    }

    private static bool Conclude(
        StringBuilder text, List<(double Load, GoodputFinding Plain, GoodputFinding Protected)> findings)
    {
        var peak = findings.Max(f => f.Protected.Good);
        var (_, plain, guarded) = findings.Single(f => f.Load == 3);
        var passed = guarded.Good >= Gate * peak && plain.Good < Collapse * peak;
        text.AppendLine().AppendLine(
            CultureInfo.InvariantCulture,
            $"At 3x: {guarded.Good / peak:0.0 %} of its peak with protection (gate {Gate:0 %}), {plain.Good / peak:0.0 %} without. " +
            $"{(passed ? "Met" : "Missed")}.").AppendLine();
        return passed;
    }

    private static Task<GoodputFinding> MeasureAsync(
        string work, string? policy, double capacity, double load, TimeSpan window, CancellationToken cancellationToken) =>
        WithServerAsync(
            new GoodputSetup(work, policy),
            async loop =>
            {
                await loop.RunAsync(capacity / 2, TimeSpan.Zero, WarmUp, cancellationToken);
                return await loop.RunAsync(capacity * load, Settling, window, cancellationToken);
            },
            cancellationToken);

    private static async Task<T> WithServerAsync<T>(
        GoodputSetup setup, Func<OpenLoop, Task<T>> measure, CancellationToken cancellationToken)
    {
        var role = JsonSerializer.Serialize(setup);
        await using var server = setup.Work == "cpu"
            ? ChildProcess.StartOnFirstProcessor("goodput-server", role)
            : ChildProcess.Start("goodput-server", role);
        var ports = await server.ReadAsync<ServerPorts>(cancellationToken);
        using var loop = new OpenLoop(ports.Http1[0], Deadline);
        return await measure(loop);
    }

    private static void Row(StringBuilder text, double load, string name, GoodputFinding finding, double capacity) =>
        text.AppendLine(
            CultureInfo.InvariantCulture,
            $"| {load:0.0}x | {name} | {finding.Good:0} | {finding.Good / capacity:0 %} | {finding.Shed:0} | {finding.Late:0} | " +
            $"{finding.Failed:0} | {finding.Median:0.0} | {finding.Tail:0.0} |");
}
