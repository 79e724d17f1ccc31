using Shop.Common;
using Spectre.Console;

namespace Shop.Host;

/// <summary>The picture on the terminal: a row per edge, refreshed once a second, and the commands to try.</summary>
internal sealed class LiveTable(Fleet fleet, LoadDriver driver, Statistics statistics)
{
    private readonly Dictionary<string, Edge> _before = [];

    public async Task RunAsync(CancellationToken stop)
    {
        Console.WriteLine(Commands());
        await AnsiConsole.Live(new Text("")).StartAsync(async live =>
        {
            using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
            try
            {
                while (await timer.WaitForNextTickAsync(stop))
                {
                    statistics.Refresh();
                    live.UpdateTarget(Table());
                }
            }
            catch (OperationCanceledException)
            {
                live.UpdateTarget(Table());
            }
        });
    }

    private Table Table()
    {
        var table = new Table().Border(TableBorder.Rounded).Title(
            $"{driver.Ok} ok, {driver.Failed} failed, {driver.InFlight} in flight; {fleet.Wire.Line}");
        foreach (var column in (string[])["edge", "calls/s", "success", "p50 ms", "p99 ms", "endpoints", "retries", "ejected"])
        {
            table.AddColumn(column);
        }

        foreach (var edge in statistics.Edges())
        {
            var before = _before.GetValueOrDefault(edge.Name);
            var calls = edge.Calls - (before?.Calls ?? 0);
            var failed = edge.Failed - (before?.Failed ?? 0);
            long[] recent = before is null
                ? edge.Latencies
                : [.. edge.Latencies.Zip(before.Latencies, (now, then) => now - then)];
            _before[edge.Name] = edge;
            table.AddRow(
                edge.Name, $"{calls}", calls == 0 ? "-" : $"{100.0 * (calls - failed) / calls:0.0} %",
                $"{LatencyBuckets.Quantile(recent, 0.5):0.0}", $"{LatencyBuckets.Quantile(recent, 0.99):0.0}",
                edge.Endpoints, $"{edge.Retries}", $"{edge.Ejections}");
        }

        return table;
    }

    /// <summary>Plain text, so that a command can be copied as it stands.</summary>
    private string Commands()
    {
        const string split =
            """'{"schema":1,"subsets":{"v1":{"meta":{"version":"1"}},"v2":{"meta":{"version":"2"}}},""" +
            """ "routes":[{"name":"rest","split":{"v1":"50%","v2":"50%"}}]}'""";
        const string bypass = """'{"mode":"bypass","by":"you","why":"trying"}'""";
        var kv = $"{fleet.Consul.ToString().TrimEnd('/')}/v1/kv/mesh";
        var web = $"http://127.0.0.1:{fleet.WebPorts[0]}/";
        var stopConsul = fleet.Agent is { } agent
            ? $"kill -STOP {agent.ProcessId}; sleep 20; kill -CONT {agent.ProcessId}"
            : "(it is yours)";
        return $"""
            The shop is open.

              web      {string.Join("  ", fleet.WebPorts.Select(p => $"http://127.0.0.1:{p}/products/tea"))}
              desk     {fleet.DeskAddress}v1/policies
              Consul   {fleet.Consul}
              files    {fleet.Folder}

            Try, and watch the table:

              a policy           curl -X PUT {kv}/policy/services/inventory -d {split}
              a switch           curl -X PUT {kv}/switches/services/payments -d {bypass}
              and back           curl -X DELETE {kv}/switches/services/payments
              kill an instance   kill -9 {fleet.Instance("inventory-1").Pid}
              why is it out      curl '{web}mesh/explain?url=http://inventory/products/tea'
              and a checkout     curl '{web}mesh/explain?url=http://orders/orders&method=POST'
              all that is known  curl '{web}mesh?upstream=inventory'
              stop Consul        {stopConsul}
              end                Ctrl-C

            """;
    }
}
