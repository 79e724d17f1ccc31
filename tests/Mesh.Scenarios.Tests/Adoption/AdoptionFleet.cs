using Mesh.Scenarios.Tests.Support;

namespace Mesh.Scenarios.Tests.Adoption;

/// <summary>
/// Two instances of the called service, each at a port of its own that it keeps, and the script that deploys them. Off the
/// mesh the script registers them, and takes them out before it stops them. On the mesh the first registers itself, the
/// second stays registered by the script (<c>External</c>) and puts itself into maintenance.
/// </summary>
internal sealed class AdoptionFleet(Scenario scenario)
{
    public const string Service = "orders";

    private const string Own = "orders-1-own";
    private const string Old = "orders-1";
    private const string Second = "orders-2";

    // Ten times as long as old callers keep an address.
    private static readonly TimeSpan Grace = OldCaller.Refresh * 10;

    private readonly int[] _ports = [Ports.Next(), Ports.Next()];
    private readonly ServiceProcess[] _processes = new ServiceProcess[2];
    private readonly List<ServiceProcess> _all = [];

    /// <summary>Every process that ever served.</summary>
    public IReadOnlyList<ServiceProcess> All => _all;

    public ServiceProcess Process(int place) => _processes[place];

    /// <summary>The fleet before the mesh.</summary>
    public async Task StartAsync()
    {
        await StartAsync(0, Old, registersItself: false, ("Scenario__Calls", "false"));
        await scenario.Operator.RegisterAsync(Service, Old, _ports[0]);
        await StartAsync(1, Second, registersItself: false, ("Scenario__Calls", "false"));
        await scenario.Operator.RegisterAsync(Service, Second, _ports[1]);
    }

    /// <summary>Deploys one instance anew, on the mesh.</summary>
    public async Task JoinAsync(int place)
    {
        if (place == 0)
        {
            await scenario.Operator.DeregisterAsync(Old);
            await Task.Delay(Grace);
            await StopAsync(place);
            await StartAsync(place, Own, registersItself: true);
            return;
        }

        await scenario.Operator.SetMaintenanceAsync(Second, on: true);
        await Task.Delay(Grace);
        await StopAsync(place);
        await StartAsync(
            place, Second, registersItself: false,
            ("Mesh__Server__Registration", "External"), ("Mesh__Server__InstanceId", Second));
        await scenario.Operator.RegisterAsync(Service, Second, _ports[place], member: true);
        await scenario.Operator.SetMaintenanceAsync(Second, on: false);
        await AdoptedAsync(place);
    }

    /// <summary>The same program again: what it said when it stopped must not stay said.</summary>
    public async Task RestartExternalAsync()
    {
        await StopAsync(1);
        await StartAsync(
            1, Second, registersItself: false,
            ("Mesh__Server__Registration", "External"), ("Mesh__Server__InstanceId", Second));
        await AdoptedAsync(1);
    }

    /// <summary>Deploys one instance as it was before the mesh.</summary>
    public async Task LeaveAsync(int place)
    {
        await StopAsync(place);
        await StartAsync(place, place == 0 ? Old : Second, registersItself: false, ("Scenario__Calls", "false"));
        await scenario.Operator.RegisterAsync(Service, place == 0 ? Old : Second, _ports[place]);
        if (place == 1)
        {
            await scenario.Operator.SetMaintenanceAsync(Second, on: false);
        }
    }

    private async Task AdoptedAsync(int place) => await Eventually.TrueAsync(
        () => _processes[place].Log.Contains("was found and adopted", StringComparison.Ordinal), "the adoption");

    private async Task StopAsync(int place)
    {
        await _processes[place].TerminateAsync();
        Assert.True(_processes[place].ExitCode == 0, _processes[place].Log);
    }

    private async Task StartAsync(
        int place, string instance, bool registersItself, params (string Name, string Value)[] settings)
    {
        _processes[place] = await scenario.StartServiceAsync(
            Service, instance, _ports[place], registersItself, settings);
        _all.Add(_processes[place]);
    }
}
