using Mesh.Client;
using Mesh.Scenarios.Tests.Support;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Mesh.Scenarios.Tests.Herds;

/// <summary>
/// Many clients of one agent from one address. Some are processes; the others are whole applications in this process, each
/// with its own connections and watches: twenty processes that start at once are more than two processors take.
/// </summary>
internal sealed class Herd(Scenario scenario)
{
    public List<MeshCaller> Callers { get; } = [];

    public List<ServiceProcess> Processes { get; } = [];

    /// <summary>Registers services with one instance each.</summary>
    public static async Task<string[]> RegisterAsync(Scenario scenario, int services, int port)
    {
        var names = Enumerable.Range(0, services).Select(i => $"s{i}").ToArray();
        foreach (var name in names)
        {
            await scenario.Operator.RegisterAsync(name, $"{name}-1", port, check: true);
        }

        return names;
    }

    /// <summary>Starts applications that all call these services.</summary>
    public async Task StartAsync(int processes, int callers, string[] upstreams, Action<MeshOptions>? configure = null)
    {
        var settings = upstreams.Select(u => ($"Mesh__Upstreams__{u}__Port", "80")).ToArray();
        var started = Enumerable.Range(0, processes)
            .Select(i => scenario.StartServiceAsync($"member{i}", $"member{i}-1", settings: settings)).ToArray();
        var hosted = Enumerable.Range(0, callers).Select(_ => scenario.StartCallerAsync(options =>
        {
            foreach (var upstream in upstreams)
            {
                options.Upstreams[upstream] = new MeshUpstreamOptions();
            }

            configure?.Invoke(options);
        })).ToArray();
        Processes.AddRange(await Task.WhenAll(started));
        Callers.AddRange(await Task.WhenAll(hosted));
    }

    public async Task<TimeSpan> ReadyAsync() => await Eventually.TrueAsync(
        async () =>
        {
            foreach (var caller in Callers)
            {
                if ((await caller.ReadinessAsync()).Status != HealthStatus.Healthy)
                {
                    return false;
                }
            }

            return true;
        },
        "everybody to be ready");

    /// <summary>Until every caller knows so many endpoints.</summary>
    public Task<TimeSpan> KnowsAsync(long ready) => Eventually.TrueAsync(
        () => Callers.All(c => c.Endpoints("ready") == ready),
        $"all to know {ready} endpoints");

    /// <summary>Lines of an event, in the logs of all.</summary>
    public int[] Lines(string text) =>
        [.. Callers.Select(c => c.Log).Concat(Processes.Select(p => p.Log)).Select(log => Occurrences(log, text))];

    private static int Occurrences(string log, string text) => log.Split(text).Length - 1;
}
