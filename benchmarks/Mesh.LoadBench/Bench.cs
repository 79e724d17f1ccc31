using System.Text.Json;
using Mesh.LoadBench.Load;
using Mesh.LoadBench.Roles;

namespace Mesh.LoadBench;

/// <summary>Starts the processes, warms each of them, and lets them take turns.</summary>
internal static class Bench
{
    public static async Task<Findings> RunAsync(Plan plan, TextWriter progress, CancellationToken cancellationToken)
    {
        await using var server = ChildProcess.Start("server");
        var ports = await server.ReadAsync<ServerPorts>(cancellationToken);
        var clients = new Dictionary<string, ChildProcess>(StringComparer.Ordinal);
        try
        {
            var findings = new Findings();
            foreach (var variant in Variant.All)
            {
                await progress.WriteLineAsync($"first 8 s: {variant.Name}");
                var client = clients[variant.Name] = Start(variant, ports);
                findings.First.Add(variant.Name, await AskAsync(
                    client, new WindowOrder(Plan.Saturated, 0, Plan.WarmUpMilliseconds), cancellationToken));
            }

            for (var round = 0; round < plan.Rounds; round++)
            {
                await progress.WriteLineAsync($"round {round + 1} of {plan.Rounds}");
                await RoundAsync(round, clients, findings, cancellationToken);
            }

            return findings;
        }
        finally
        {
            foreach (var client in clients.Values)
            {
                await client.DisposeAsync();
            }
        }
    }

    private static ChildProcess Start(Variant variant, ServerPorts server)
    {
        var ports = variant.UsesHttp2 ? server.Http2 : server.Http1;
        var setup = new ClientSetup(
            variant.UsesMesh,
            variant.UsesHttp2,
            variant.Telemetry,
            variant.OnePort ? ports[..1] : ports,
            server.ProcessId);
        return ChildProcess.Start("client", JsonSerializer.Serialize(setup));
    }

    private static async Task RoundAsync(
        int round, Dictionary<string, ChildProcess> clients, Findings findings, CancellationToken cancellationToken)
    {
        foreach (var inFlight in new[] { Plan.Saturated, Plan.Alone })
        {
            var (ramp, window) = Plan.Of(inFlight);

            // Every other round backwards: nobody always runs after the same neighbour, and pairs stay close in time.
            var order = round % 2 == 0 ? Variant.All : Variant.All.Reverse();
            foreach (var variant in order)
            {
                findings.Add(variant.Name, inFlight, await AskAsync(
                    clients[variant.Name], new WindowOrder(inFlight, ramp, window), cancellationToken));
            }
        }
    }

    /// <summary>Lets a client process run a window.</summary>
    public static async Task<WindowResult> AskAsync(
        ChildProcess client, WindowOrder order, CancellationToken cancellationToken)
    {
        await client.WriteAsync(order, cancellationToken);
        return await client.ReadAsync<WindowResult>(cancellationToken);
    }
}
