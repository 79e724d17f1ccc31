using System.Diagnostics;
using System.Globalization;
using System.Text;
using Mesh.Client;
using Mesh.Consul;
using Mesh.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace Mesh.LoadBench.Herd;

/// <summary>
/// Many cold clients at once on one real Consul agent. Clients are whole applications, each with its own service provider,
/// watches, policy feed and connections; they share this process, and with it the machine's processors. The agent's limit on
/// connections from one address is raised, because real ones have addresses of their own.
/// </summary>
internal static class HerdBench
{
    private const string First = "upstream-00";
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(30);
    /// <summary>Seldom: asking five hundred clients for their health is work, too.</summary>
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(1);

    public static async Task<string> RunAsync(
        int clients, int services, int rounds, TextWriter progress, CancellationToken cancellationToken)
    {
        var findings = new List<HerdFinding>();
        for (var round = 0; round < rounds; round++)
        {
            var finding = await MeasureAsync(clients, services, cancellationToken);
            findings.Add(finding);
            await progress.WriteLineAsync(
                $"round {round + 1}: all ready after {finding.Ready[^1].TotalSeconds:F1} s, agent {finding.AgentSeconds:F1} s");
        }

        return Report(clients, services, findings);
    }

    private static async Task<HerdFinding> MeasureAsync(int clients, int services, CancellationToken cancellationToken)
    {
        await using var agent = await ConsulAgent.StartAsync(
            new ConsulAgentOptions { ExtraConfig = "limits { http_max_conns_per_client = 15000 }", LogLevel = "warn" },
            cancellationToken);
        using var consul = new ConsulClient(new ConsulClientOptions { Address = agent.Address.AbsoluteUri });
        var names = Enumerable.Range(0, services)
            .Select(i => string.Create(CultureInfo.InvariantCulture, $"upstream-{i:00}")).ToArray();
        foreach (var name in names)
        {
            await RegisterAsync(consul, name, cancellationToken);
        }

        using var own = Process.GetCurrentProcess();
        var hosts = Enumerable.Range(0, clients).Select(_ => Build(agent, names)).ToArray();
        var (agentBefore, ownBefore) = (AgentTime(agent), own.TotalProcessorTime);
        var watch = Stopwatch.StartNew();
        var ready = await Task.WhenAll(hosts.Select(host => ReadyAsync(host, watch, cancellationToken)));
        own.Refresh();
        var (agentUsed, ownUsed) = (AgentTime(agent) - agentBefore, own.TotalProcessorTime - ownBefore);
        var connections = Connections(agent.Address.Port);
        var change = await ChangeAsync(consul, hosts, cancellationToken);

        await Task.Delay(Idle, cancellationToken);
        var idleBefore = AgentTime(agent);
        await Task.Delay(Idle, cancellationToken);
        var idle = (AgentTime(agent) - idleBefore) / Idle;
        await Task.WhenAll(hosts.Select(host => host.StopAsync(cancellationToken)));
        foreach (var host in hosts)
        {
            host.Dispose();
        }

        return new HerdFinding(
            [.. ready.Order()], agentUsed.TotalSeconds, ownUsed.TotalSeconds, connections, idle, change);
    }

    private static IHost Build(ConsulAgent agent, string[] names)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddMesh(options =>
        {
            options.Service = "herd";
            options.Consul.Address = agent.Address.AbsoluteUri;
            options.Snapshot.Enabled = false;
            foreach (var name in names)
            {
                options.Upstreams[name] = new MeshUpstreamOptions();
            }
        });
        builder.Services.AddHealthChecks().AddMesh();
        return builder.Build();
    }

    private static async Task<TimeSpan> ReadyAsync(IHost host, Stopwatch watch, CancellationToken cancellationToken)
    {
        // Not one after the other on this thread: they are to start at once.
        await Task.Yield();
        await host.StartAsync(cancellationToken);
        var health = host.Services.GetRequiredService<HealthCheckService>();
        while (await health.CheckHealthAsync(cancellationToken) is { Status: not HealthStatus.Healthy } report)
        {
            Ensure(watch, report.Entries["mesh"].Description);
            await Task.Delay(Poll, cancellationToken);
        }

        return watch.Elapsed;
    }

    private static async Task<TimeSpan> ChangeAsync(
        ConsulClient consul, IHost[] hosts, CancellationToken cancellationToken)
    {
        // An endpoint more shows in the health data of every client.
        var watch = Stopwatch.StartNew();
        await RegisterAsync(consul, First, cancellationToken, second: true);
        foreach (var host in hosts)
        {
            var health = host.Services.GetRequiredService<HealthCheckService>();
            while (await EndpointsAsync(health, cancellationToken) < 2)
            {
                Ensure(watch);
                await Task.Delay(10, cancellationToken);
            }
        }

        return watch.Elapsed;
    }

    private static async Task<int> EndpointsAsync(HealthCheckService health, CancellationToken cancellationToken)
    {
        var report = await health.CheckHealthAsync(cancellationToken);
        return (int)report.Entries["mesh"].Data[$"upstream.{First}.endpoints"];
    }

    private static void Ensure(Stopwatch watch, string? why = null)
    {
        if (watch.Elapsed > Bound)
        {
            throw new TimeoutException($"It did not happen within {Bound.TotalMinutes:F0} minutes. {why}");
        }
    }

    private static Task RegisterAsync(
        ConsulClient consul, string name, CancellationToken cancellationToken, bool second = false) =>
        consul.RegisterServiceAsync(
            new ServiceRegistration
            {
                Id = second ? $"{name}-2" : $"{name}-1",
                Name = name,
                Address = "127.0.0.1",
                Port = second ? 2 : 1,
                Checks =
                [
                    new CheckRegistration
                    {
                        CheckId = second ? $"{name}-2" : $"{name}-1", Name = "ttl", Ttl = TimeSpan.FromHours(1),
                        InitialStatus = ConsulHealth.Passing,
                    },
                ],
            },
            cancellationToken);

    private static TimeSpan AgentTime(ConsulAgent agent)
    {
        using var process = Process.GetProcessById(agent.ProcessId);
        return process.TotalProcessorTime;
    }

    private static int Connections(int port)
    {
        var remote = string.Create(CultureInfo.InvariantCulture, $":{port:X4}");
        return new[] { "/proc/net/tcp", "/proc/net/tcp6" }.Where(File.Exists).SelectMany(File.ReadLines)
            .Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Count(fields => fields.Length > 3 && fields[3] == "01" && fields[2].EndsWith(remote, StringComparison.Ordinal));
    }

    private static string Report(int clients, int services, IReadOnlyList<HerdFinding> findings)
    {
        var text = new StringBuilder();
        var load = File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : "unknown";
        text.AppendLine(CultureInfo.InvariantCulture, $"# {clients} cold clients at once on one Consul agent").AppendLine()
            .AppendLine(CultureInfo.InvariantCulture,
                $"`Mesh.LoadBench -- herd`, {DateTime.UtcNow:yyyy-MM-dd}, {Environment.ProcessorCount} processors for agent and all clients " +
                $"together, load average {load} at the end.")
            .AppendLine(CultureInfo.InvariantCulture,
                $"Each client lists {services} upstreams; `ready` is when its health check says healthy, which needs an answer about each of them.")
            .AppendLine()
            .AppendLine("| Round | ready: first | half | 99 % | all | agent CPU | clients CPU | connections | change known by all | agent idle |")
            .AppendLine("|---|---|---|---|---|---|---|---|---|---|");
        for (var i = 0; i < findings.Count; i++)
        {
            var f = findings[i];
            text.AppendLine(CultureInfo.InvariantCulture,
                $"| {i + 1} | {f.Ready[0].TotalSeconds:F2} s | {f.Quantile(0.5).TotalSeconds:F2} s | " +
                $"{f.Quantile(0.99).TotalSeconds:F2} s | {f.Ready[^1].TotalSeconds:F2} s | {f.AgentSeconds:F1} s | " +
                $"{f.ClientSeconds:F1} s | {f.Connections} | {f.Change.TotalSeconds:F2} s | {f.IdleAgent:P1} of a processor |");
        }

        return text.ToString();
    }
}
