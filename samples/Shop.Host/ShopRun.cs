using System.Text.Json;
using Shop.Common;
using Shop.Host.Security;

namespace Shop.Host;

/// <summary>One run: start everything, drive load, break things if asked, stop everything, tell.</summary>
internal static class ShopRun
{
    /// <summary>What the ids of checkouts begin with that no customer made.</summary>
    private const string WarmUp = "warm-up";

    private static readonly TimeSpan ReadyWithin = TimeSpan.FromSeconds(90);

    /// <returns>The exit code: 0 when nothing failed, nothing was booked twice and the ledger agrees.</returns>
    public static async Task<int> RunAsync(ShopOptions options, CancellationToken stop)
    {
        if (options is { Chaos: true, For: { } time } && time < ChaosPlan.Needs)
        {
            await Console.Error.WriteLineAsync($"--chaos needs --for {ChaosPlan.Needs.TotalSeconds:0}s or more.");
            return 2;
        }

        await Console.Error.WriteLineAsync("Starting Consul, the config server and ten instances of four services ...");
        await using var fleet = await Fleet.StartAsync(options, stop);
        using var control = new ControlPlane(fleet.Consul, fleet.DeskAddress);
        await PrepareAsync(fleet, control, options, stop);
        var edge = new WebEdge(fleet, control);
        await WarmUpAsync(edge, fleet.Wire.Canary, options, stop);
        var judge = new DenialJudge();
        using var driver = new LoadDriver(edge, judge, options.Rate, options.Seed, $"customer-{fleet.Wire.Canary}");
        var statistics = new Statistics(fleet.Folder);
        using var intentions = new Intentions(fleet.Consul);
        var security = await intentions.HasConnectAsync(stop) ? new SecurityChaos(fleet, intentions, judge, () => driver.Failed) : null;
        var chaos = options.Chaos ? new ChaosPlan(fleet, control, driver, statistics, security) : null;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        if (options.For is { } duration)
        {
            end.CancelAfter(duration);
        }

        var balancing = edge.RunAsync(end.Token);
        var load = driver.RunAsync(end.Token);
        var table = options.Json ? Task.CompletedTask : new LiveTable(fleet, driver, statistics).RunAsync(end.Token);
        await IgnoreCancellation(chaos?.RunAsync(end.Token) ?? Task.CompletedTask);
        await load;
        await balancing;
        await table;

        // The processes write their figures twice a second.
        await Task.Delay(TimeSpan.FromSeconds(1), CancellationToken.None);
        statistics.Refresh();
        var report = await ReportAsync(options, fleet, control, driver, statistics, chaos, security);
        Console.WriteLine(options.Json
            ? JsonSerializer.Serialize(report, ReportJson.Default.Report)
            : $"{report.Ok} ok, {report.Failed} failed, {report.Booked} booked, {report.Duplicates} duplicates. " +
              $"{report.Mtls?.Line ?? "No mTLS: Consul has no CA (connect)"}. Logs: {fleet.Folder}");
        fleet.KeepsFolder = !(options.Json && report.IsGood);
        if (options.Json && fleet.KeepsFolder)
        {
            await Console.Error.WriteLineAsync($"Logs: {fleet.Folder}");
        }

        return report.IsGood ? 0 : 1;
    }

    private static async Task PrepareAsync(
        Fleet fleet, ControlPlane control, ShopOptions options, CancellationToken stop)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
        patience.CancelAfter(ReadyWithin);
        try
        {
            await control.PutPoliciesAsync(patience.Token);
            if (options.Without is "retry" or "eject")
            {
                await control.PutAsync(
                    "mesh/switches/global",
                    $$"""{ "off": ["{{options.Without}}"], "by": "shop", "why": "negative control" }""",
                    onlyNew: false, stop);
            }

            await control.WaitUntilReadyAsync(fleet.WebPorts, patience.Token);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw new TimeoutException(
                $"The shop was not ready within {ReadyWithin.TotalSeconds:0} s, or did not answer. Logs: {fleet.Folder}");
        }
    }

    /// <summary>Ten processes are compiled by their first calls; what is measured begins after that.</summary>
    private static async Task WarmUpAsync(WebEdge edge, string canary, ShopOptions options, CancellationToken stop)
    {
        foreach (var rate in (int[])[options.Rate / 4, options.Rate / 2])
        {
            using var driver = new LoadDriver(
                edge, new DenialJudge(), Math.Max(1, rate), options.Seed, $"{WarmUp}-{rate}-{canary}");
            using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
            end.CancelAfter(TimeSpan.FromSeconds(3));
            await driver.RunAsync(end.Token);
        }
    }

    private static async Task<Report> ReportAsync(
        ShopOptions options, Fleet fleet, ControlPlane control, LoadDriver driver, Statistics statistics, ChaosPlan? chaos,
        SecurityChaos? security)
    {
        var seen = CalleeLogs.Count(fleet.Folder);
        var edges = statistics.Edges();
        var policies = await control.PoliciesAsync(CancellationToken.None);
        var bookings = new Ledger(Path.Combine(fleet.Folder, "ledger", "orders")).Read();
        var payments = new Ledger(Path.Combine(fleet.Folder, "ledger", "payments")).Read();
        var latencies = driver.Latencies;
        return new Report
        {
            Seconds = options.For?.TotalSeconds ?? 0,
            Without = options.Without,
            Requests = driver.Scheduled,
            Scheduled = driver.Scheduled,
            Ok = driver.Ok,
            Failed = driver.Failed,
            Denied = driver.Denied,
            Failures = driver.Failures,
            Checkouts = driver.Checkouts,
            Booked = bookings.Distinct().LongCount(IsCustomers),
            Duplicates = Repeated(bookings) + Repeated(payments),
            Retries = edges.Sum(e => e.Retries),
            Ejections = edges.Sum(e => e.Ejections),
            MaxInFlight = driver.MaxInFlight,
            P50Ms = Quantile(latencies, 0.50),
            P99Ms = Quantile(latencies, 0.99),
            PolicyRevision = policies?.GetProperty("hash").GetString(),
            Consul = $"{fleet.Agent?.Version ?? "external"} at {fleet.Consul}",
            Edges =
            [
                .. edges.Select(e => new EdgeReport(
                    e.Name, e.Calls, e.Failed, e.Retries, e.Ejections, e.P50, e.P99,
                    seen.GetValueOrDefault((e.Caller, e.Callee), SeenRequests.None).Requests)),
            ],
            AttemptsOnStopped = chaos?.AttemptsOnStopped,
            P99WhileStoppedMs = chaos is null ? null : Quantile(chaos.LatenciesWhileStopped, 0.99),
            Mtls = security is null ? null : fleet.Wire.Report(seen),
            Intentions = security?.Intentions,
            Rotations = security is not null && chaos is not null && fleet.Agent is not null ? security.Rotations : null,
            Events = chaos?.Events ?? [],
        };
    }

    private static bool IsCustomers(string checkout) => !checkout.StartsWith(WarmUp, StringComparison.Ordinal);

    private static long Repeated(IReadOnlyList<string> bookings) =>
        bookings.Where(IsCustomers).GroupBy(b => b).Sum(g => g.LongCount() - 1);

    private static double Quantile(long[] buckets, double quantile) =>
        Math.Round(LatencyBuckets.Quantile(buckets, quantile), 1);

    private static async Task IgnoreCancellation(Task task)
    {
        try
        {
            await task;
        }
        catch (OperationCanceledException)
        {
            // The run ended before the plan did; the report shows which events happened.
        }
    }
}
