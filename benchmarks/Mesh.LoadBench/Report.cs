using System.Runtime.InteropServices;
using System.Text.Json;
using Mesh.LoadBench.Load;

namespace Mesh.LoadBench;

/// <summary>Tables of a run: targets first, then medians with least and most, ratios within a round.</summary>
internal sealed class Report(Plan plan, Findings findings, string loadBefore)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public async Task WriteAsync(TextWriter output)
    {
        await output.WriteLineAsync(
            $"{RuntimeInformation.FrameworkDescription}, {RuntimeInformation.OSArchitecture}, " +
            $"{Environment.ProcessorCount} processors shared by client and server; {plan.Rounds} rounds; " +
            $"load average before the run {loadBefore}.");
        await output.WriteLineAsync();
        await WriteTargetsAsync(output);
        await WriteLoadAsync(output, Plan.Saturated, "64 calls in flight (latency here is queueing)");
        await WriteLoadAsync(output, Plan.Alone, "one call in flight");
        await WriteFirstAsync(output);
    }

    /// <summary>Every window, for whoever wants other sums.</summary>
    public string Json() => JsonSerializer.Serialize(
        new
        {
            plan.Rounds,
            First = findings.First,
            Windows = Variant.All.Select(variant => new
            {
                variant.Name,
                Saturated = findings.Of(variant.Name, Plan.Saturated),
                Alone = findings.Of(variant.Name, Plan.Alone),
            }),
        },
        Indented);

    private async Task WriteTargetsAsync(TextWriter output)
    {
        await output.WriteLineAsync("| target | limit | measured, paired by round | |");
        await output.WriteLineAsync("|---|---|---|---|");
        foreach (var target in Targets())
        {
            await output.WriteLineAsync(target.Row());
        }

        await output.WriteLineAsync();
    }

    private IEnumerable<Target> Targets()
    {
        yield return Throughput("P5 throughput, HTTP/1.1", Variant.Http1Mesh, Variant.Http1);
        yield return Throughput("P5 throughput, HTTP/2", Variant.Http2Mesh, Variant.Http2);
        yield return Processor("P6 processor time, HTTP/1.1", Variant.Http1Mesh, Variant.Http1, 1.08);
        yield return Processor("P6 processor time, HTTP/2", Variant.Http2Mesh, Variant.Http2, 1.08);
        yield return Processor(
            "P7 processor time with telemetry, by a client without", Variant.Http1MeshTelemetry, Variant.Http1, 1.15);
        yield return Processor(
            "processor time with telemetry, by a client with telemetry",
            Variant.Http1MeshTelemetry, Variant.Http1Telemetry, 1.08);
        yield return Latency("P11 p50 added at one in flight, HTTP/1.1", Variant.Http1Mesh, Variant.Http1);
        yield return Latency("P11 p50 added at one in flight, HTTP/2", Variant.Http2Mesh, Variant.Http2);
        foreach (var variant in new[] { Variant.Http1Mesh, Variant.Http2Mesh })
        {
            yield return new Target(
                $"P13 first 8 s by settled, {variant}", findings.WarmUp(variant), 0.85, "x", AtLeast: true);
        }
    }

    private Target Throughput(string text, string variant, string baseline) => new(
        text,
        findings.Ratio(variant, baseline, Plan.Saturated, static window => window.Rate),
        0.93,
        "x",
        AtLeast: true);

    private Target Processor(string text, string variant, string baseline, double limit) => new(
        text,
        findings.Ratio(variant, baseline, Plan.Saturated, static window => window.Processor),
        limit,
        "x");

    private Target Latency(string text, string variant, string baseline) => new(
        text,
        findings.Paired(variant, baseline, Plan.Alone, static window => window.P50, static (own, other) => own - other),
        5,
        "µs");

    private async Task WriteLoadAsync(TextWriter output, int inFlight, string title)
    {
        await output.WriteLineAsync($"**{title}**");
        await output.WriteLineAsync();
        await output.WriteLineAsync(
            "| variant | requests/s | by plain client | p50 µs | p99 µs | p99.9 µs " +
            "| CPU s / 100,000 | by plain client | client B / call |");
        await output.WriteLineAsync("|---|---|---|---|---|---|---|---|---|");
        foreach (var variant in Variant.All)
        {
            await output.WriteLineAsync(Row(variant, inFlight));
        }

        await output.WriteLineAsync();
    }

    private string Row(Variant variant, int inFlight)
    {
        string Median(Func<WindowResult, double> value, string format) =>
            findings.Spread(variant.Name, inFlight, value).Text(format);

        string Ratio(Func<WindowResult, double> value) =>
            findings.Ratio(variant.Name, variant.Baseline, inFlight, value).Text("0.00");

        return $"| {variant.Name} | {Median(static w => w.Rate, "0")} | {Ratio(static w => w.Rate)} " +
               $"| {Median(static w => w.P50, "0")} | {Median(static w => w.P99, "0")} " +
               $"| {Median(static w => w.P999, "0")} " +
               $"| {Median(static w => w.Processor, "0.0")} | {Ratio(static w => w.Processor)} " +
               $"| {findings.Spread(variant.Name, inFlight, static w => w.BytesPerCall).Median:0} |";
    }

    private async Task WriteFirstAsync(TextWriter output)
    {
        await output.WriteLineAsync("| variant | requests/s in the first 8 s | by settled |");
        await output.WriteLineAsync("|---|---|---|");
        foreach (var variant in Variant.All)
        {
            await output.WriteLineAsync(
                $"| {variant.Name} | {findings.First[variant.Name].Rate:0} " +
                $"| {findings.WarmUp(variant.Name).Text("0.00")} |");
        }

        await output.WriteLineAsync();
    }
}
