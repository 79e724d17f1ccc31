using System.Globalization;
using System.Net;
using Mesh.Consul;
using Mesh.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Mesh.LoadBench.Small;

/// <summary>
/// What the mesh adds to a small service: a real Consul agent with 20 services of 10 endpoints, and the same service with
/// the mesh and without it, in turns, each in a container of its own kind.
/// </summary>
internal static class SmallBench
{
    private const int Services = 20;
    private const int Endpoints = 10;
    private const int Calls = 5;

    /// <param name="rounds">How often each service is started.</param>
    /// <param name="settle">
    /// How long it is left alone first. What runs seldom is compiled anew when it ran 30 times: an idle process takes minutes
    /// to get there, and in them the compiler uses more than everything else.
    /// </param>
    /// <param name="idle">How long its processor time is then counted.</param>
    /// <param name="progress">Hears of every finding.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<string> RunAsync(
        int rounds, TimeSpan settle, TimeSpan idle, TextWriter progress, CancellationToken cancellationToken)
    {
        await using var agent = await ConsulAgent.StartAsync();
        await using var callees = await StartCallees();
        var ports = callees.Urls.Select(static url => new Uri(url).Port).ToArray();
        var upstreams = Enumerable.Range(0, Services)
            .Select(static i => string.Create(CultureInfo.InvariantCulture, $"upstream-{i:00}")).ToArray();
        await RegisterAsync(agent, upstreams, ports, cancellationToken);
        using var container = Container.Create();
        var (plain, mesh) = (new List<SmallFinding>(), new List<SmallFinding>());
        for (var round = 0; round < rounds; round++)
        {
            foreach (var usesMesh in round % 2 == 0 ? new[] { false, true } : [true, false])
            {
                var setup = new SmallSetup(usesMesh, agent.Address.ToString(), upstreams, ports);
                var finding = await MeasureAsync(container, setup, settle, idle, cancellationToken);
                (usesMesh ? mesh : plain).Add(finding);
                await progress.WriteLineAsync($"round {round + 1}, {(usesMesh ? "mesh" : "plain")}: {finding}");
            }
        }

        return SmallReport.Write(plain, mesh, container.Means, idle);
    }

    private static async Task<SmallFinding> MeasureAsync(
        Container container, SmallSetup setup, TimeSpan settle, TimeSpan idle, CancellationToken cancellationToken)
    {
        await using var service = SmallProcess.Start(container, setup);
        using var client = new HttpClient { BaseAddress = await service.AddressAsync(cancellationToken) };
        while ((await client.GetAsync(new Uri("/ready", UriKind.Relative), cancellationToken)).StatusCode != HttpStatusCode.OK)
        {
            await Task.Delay(50, cancellationToken);
        }

        var (ready, startProcessor) = (service.Age, service.ProcessorTime);
        for (var i = 0; i < Calls; i++)
        {
            var good = await client.GetStringAsync(new Uri("/call", UriKind.Relative), cancellationToken);
            if (good != setup.Ports.Length.ToString(CultureInfo.InvariantCulture))
            {
                throw new InvalidOperationException($"Only {good} of {setup.Ports.Length} calls were good.");
            }
        }

        await Task.Delay(settle, cancellationToken);
        var heap = double.Parse(
            await client.GetStringAsync(new Uri("/heap", UriKind.Relative), cancellationToken), CultureInfo.InvariantCulture);
        var (memory, resident) = (service.Mebibytes("RssAnon"), service.Mebibytes("VmRSS"));
        var (before, since) = (service.ProcessorTime, service.Age);
        await Task.Delay(idle, cancellationToken);
        var share = (service.ProcessorTime - before) / (service.Age - since);
        return new SmallFinding(
            ready.TotalSeconds, startProcessor.TotalSeconds, memory, resident, heap, share, service.Lines);
    }

    /// <summary>One process with a port for each endpoint, outside of the container.</summary>
    private static async Task<WebApplication> StartCallees()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(static kestrel =>
        {
            for (var i = 0; i < Services * Endpoints; i++)
            {
                kestrel.Listen(IPAddress.Loopback, 0);
            }
        });
        var app = builder.Build();
        app.Run(static context => context.Response.WriteAsync("{\"item\":42}"));
        await app.StartAsync();
        return app;
    }

    private static async Task RegisterAsync(
        ConsulAgent agent, string[] upstreams, int[] ports, CancellationToken cancellationToken)
    {
        using var consul = new ConsulClient(new ConsulClientOptions { Address = agent.Address.ToString() });
        for (var i = 0; i < ports.Length; i++)
        {
            var service = upstreams[i / Endpoints];
            var registration = new ServiceRegistration
            {
                Id = string.Create(CultureInfo.InvariantCulture, $"{service}-{i % Endpoints}"),
                Name = service,
                Address = "127.0.0.1",
                Port = ports[i],
            };
            await consul.RegisterServiceAsync(registration, cancellationToken);
        }
    }
}
