using System.Runtime.InteropServices;
using Mesh.LoadBench.Load;
using Mesh.LoadBench.Mtls.Proxies;

namespace Mesh.LoadBench.Mtls;

/// <summary>Tables of a run: gates first, then medians with least and most, ratios within a round.</summary>
internal sealed class MtlsReport
{
    private readonly IReadOnlyList<MtlsRow> _rows;
    private readonly Findings _findings;
    private readonly string _header;

    private MtlsReport(IReadOnlyList<MtlsRow> rows, Findings findings, string header) =>
        (_rows, _findings, _header) = (rows, findings, header);

    public static async Task<MtlsReport> CreateAsync(
        Plan plan, IReadOnlyList<MtlsRow> rows, Findings findings, string consul, CancellationToken cancellationToken)
    {
        var (haproxy, nginx) =
            (await HaproxyPair.VersionAsync(cancellationToken), await NginxPair.VersionAsync(cancellationToken));
        return new MtlsReport(
            rows, findings,
            $"{RuntimeInformation.FrameworkDescription}, {RuntimeInformation.OSArchitecture}, " +
            $"{Environment.ProcessorCount} processors shared by all processes; Consul {consul}, haproxy {haproxy ?? "absent"}, " +
            $"nginx {nginx ?? "absent"}; {plan.Rounds} rounds");
    }

    public async Task WriteAsync(TextWriter output, string loadBefore)
    {
        await output.WriteLineAsync($"{_header}; load average before the run {loadBefore}.");
        await output.WriteLineAsync();
        if (_findings.First.ContainsKey(MtlsRow.Mesh))
        {
            await WriteTargetsAsync(output);
        }

        await WriteLoadAsync(output, Plan.Saturated, "64 calls in flight (latency here is queueing)");
        await WriteLoadAsync(output, Plan.Alone, "one call in flight");
    }

    private async Task WriteTargetsAsync(TextWriter output)
    {
        await output.WriteLineAsync("| throughput of the mesh with mTLS | gate | stretch | measured, paired by round | |");
        await output.WriteLineAsync("|---|---|---|---|---|");
        foreach (var (other, limit, stretch) in ((string, double, double)[])
            [
                (MtlsRow.Bare, 1.4, 1.6),
                (MtlsRow.Consul, 6, 7),
                (MtlsRow.Nginx, 6, 7),
                (MtlsRow.Haproxy, 6, 7),
                (MtlsRow.HaproxyBetween, 1.5, 1.8),
                (MtlsRow.Haproxy2, 1.5, 1.8),
            ])
        {
            await output.WriteLineAsync(_findings.First.ContainsKey(other)
                ? new MtlsTarget($"by {other}", Ratio(MtlsRow.Mesh, other, Plan.Saturated, static w => w.Rate), limit, stretch)
                    .Row()
                : $"| by {other} | >= {limit:0.0} x | {stretch:0.0} x | not measured | |");
        }

        await output.WriteLineAsync();
    }

    private async Task WriteLoadAsync(TextWriter output, int inFlight, string title)
    {
        await output.WriteLineAsync($"**{title}**");
        await output.WriteLineAsync();
        await output.WriteLineAsync(
            "| path | spoken | requests/s | by bare, no TLS | p50 µs | p99 µs " +
            "| CPU s / 100,000 | client / server / proxies | by bare, no TLS |");
        await output.WriteLineAsync("|---|---|---|---|---|---|---|---|---|");
        foreach (var row in _rows)
        {
            await output.WriteLineAsync(row.IsMeasured
                ? Row(row, inFlight)
                : $"| {row.Name} | {row.Wire} | not measured: {row.Absent} | | | | | | |");
        }

        await output.WriteLineAsync();
    }

    private string Row(MtlsRow row, int inFlight)
    {
        string Median(Func<WindowResult, double> value, string format) =>
            _findings.Spread(row.Name, inFlight, value).Text(format);

        string Alone(Func<WindowResult, double> seconds) =>
            _findings.Spread(row.Name, inFlight, w => seconds(w) / w.Calls * 1e5).Median.ToString("0.0");

        return $"| {row.Name} | {row.Wire} | {Median(static w => w.Rate, "0")} " +
               $"| {Ratio(row.Name, MtlsRow.Bare, inFlight, static w => w.Rate).Text("0.00")} " +
               $"| {Median(static w => w.P50, "0")} | {Median(static w => w.P99, "0")} " +
               $"| {Median(static w => w.Processor, "0.0")} " +
               $"| {Alone(static w => w.ClientSeconds)} / {Alone(static w => w.ServerSeconds)} / {Alone(static w => w.ProxySeconds)} " +
               $"| {Ratio(row.Name, MtlsRow.Bare, inFlight, static w => w.Processor).Text("0.00")} |";
    }

    private Spread Ratio(string row, string baseline, int inFlight, Func<WindowResult, double> value) =>
        _findings.Ratio(row, baseline, inFlight, value);
}
