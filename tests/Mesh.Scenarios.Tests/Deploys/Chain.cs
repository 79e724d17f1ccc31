using Mesh.Scenarios.Tests.Support;

namespace Mesh.Scenarios.Tests.Deploys;

/// <summary>Three services of two instances each, as processes, which are restarted in place one after the other.</summary>
internal sealed class Chain(Scenario scenario, bool drain)
{
    public static readonly string[] Services = ["front", "middle", "back"];

    private const int Instances = 2;

    private readonly Dictionary<(string Service, int Number), ServiceProcess> _running = [];

    /// <summary>Every process there ever was.</summary>
    public List<int> Pids { get; } = [];

    public async Task StartAsync()
    {
        foreach (var service in Services.Reverse())
        {
            await Task.WhenAll(Enumerable.Range(1, Instances).Select(number => StartAsync(service, number, port: 0)));
        }
    }

    public ServiceProcess Process(string service, int number) => _running[(service, number)];

    /// <summary>SIGTERM, the end of the process, and another one at the same address.</summary>
    public async Task RestartAsync(string service, int number)
    {
        var old = Process(service, number);
        await old.TerminateAsync();
        Assert.True(old.ExitCode == 0, $"{old.Name} exited with {old.ExitCode}.\n{old.Log}");
        await StartAsync(service, number, old.Address.Port);
    }

    private async Task StartAsync(string service, int number, int port)
    {
        var process = await scenario.StartServiceAsync(service, $"{service}-{number}", port, settings: Settings(service));
        lock (_running)
        {
            Assert.DoesNotContain(process.Id, Pids);
            Pids.Add(process.Id);
            _running[(service, number)] = process;
        }
    }

    private (string, string)[] Settings(string service) =>
    [
        ("Mesh__Server__Drain", drain ? "true" : "false"),
        ("Kestrel__EndpointDefaults__Protocols", service == "middle" ? "Http2" : "Http1"),
        ("Scenario__Next", service switch { "front" => "http://middle#h2", "middle" => "http://back", _ => "" }),
    ];
}
