using System.Diagnostics;
using System.Text.Json;
using Shop.Host.Security;

namespace Shop.Host;

/// <summary>What breaks, when. Every event happens under load and is written down with its time and calls in flight.</summary>
internal sealed class ChaosPlan(
    Fleet fleet, ControlPlane control, LoadDriver driver, Statistics statistics, SecurityChaos? security)
{
    private static readonly TimeSpan StoppedFor = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ConsulDownFor = TimeSpan.FromSeconds(16);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(1);

    // Deploys of several services at once begin this much apart: starting a process takes most of a processor.
    private static readonly TimeSpan Apart = TimeSpan.FromSeconds(1);

    // Guards the list: restarts go on side by side.
    private readonly Lock _lock = new();
    private readonly List<ChaosEvent> _events = [];
    private readonly Stopwatch _clock = Stopwatch.StartNew();

    // Goes on beside what breaks next: Consul spreads new certificates over half a minute.
    private Task _certificates = Task.CompletedTask;

    /// <summary>The shortest run that has room for every event, with quiet between them.</summary>
    public static TimeSpan Needs { get; } = TimeSpan.FromSeconds(88);

    public IReadOnlyList<ChaosEvent> Events => _events;

    /// <summary>Attempts that timed out on the stopped instance's service while it was stopped.</summary>
    public long AttemptsOnStopped { get; private set; }

    /// <summary>Latencies counted while an instance was stopped.</summary>
    public long[] LatenciesWhileStopped { get; private set; } = [];

    public async Task RunAsync(CancellationToken stop)
    {
        await Task.Delay(TimeSpan.FromSeconds(2), stop);
        await KillBusiestAsync(stop);
        await Task.WhenAll(StopOneAsync(stop), DeployAsync(["web 1", "inventory 2"], stop));
        await Task.Delay(Quiet, stop);
        await (security?.DenyAndAllowAsync(Note, stop) ?? Task.CompletedTask);
        await LoseTheControlPlaneAsync(stop);
        await Task.WhenAll(
            DeployAsync(["orders 1", "inventory 1", "payments 1"], stop), PutBadPoliciesAsync(stop), _certificates);
    }

    private async Task KillBusiestAsync(CancellationToken stop)
    {
        statistics.Refresh();
        var victim = fleet.Busiest(statistics);
        Note("SIGKILL the busiest instance", victim.Instance, victim.Pid);
        victim.Signal(Signals.Kill);
        await Task.Delay(TimeSpan.FromSeconds(3), stop);
        victim.Start();
        await AtWorkAsync(victim, stop);
    }

    /// <summary>Services in a version, side by side: the instances of each are restarted one after the other.</summary>
    private Task DeployAsync(string[] services, CancellationToken stop) => Task.WhenAll(services.Select(
        async (service, number) =>
        {
            await Task.Delay(Apart * number, stop);
            foreach (var instance in fleet.Services.Where(s => $"{s.Service} {s.Version}" == service))
            {
                await RestartAsync(instance, stop);
            }
        }));

    private async Task RestartAsync(ServiceProcess instance, CancellationToken stop)
    {
        Note("SIGTERM", instance.Instance, instance.Pid);
        var exitCode = await instance.StopAsync(Patience);
        if (exitCode != 0)
        {
            Note($"NOT stopped well: exit code {exitCode}", instance.Instance, 0);
        }

        instance.Start();
        await AtWorkAsync(instance, stop);

        // Its first calls compile it; the next one to go leaves it twice the load.
        await Task.Delay(Quiet, stop);
    }

    /// <summary>An instance runs again: nothing else breaks before Consul says so and callers have heard of it.</summary>
    private async Task AtWorkAsync(ServiceProcess instance, CancellationToken stop)
    {
        Note("started again", instance.Instance, instance.Pid);
        for (var waited = Stopwatch.StartNew(); waited.Elapsed < Patience; await Task.Delay(100, stop))
        {
            // One that was killed still passes for a while.
            if (await instance.ListensAsync() &&
                await control.PassingAsync(instance.Service, stop) is { } passing && passing.Contains(instance.Instance))
            {
                await Task.Delay(Quiet, stop);
                return;
            }
        }
    }

    private async Task StopOneAsync(CancellationToken stop)
    {
        var victim = fleet.Instance("payments-1");
        var (attempts, latencies) = (Timeouts(victim.Service), driver.Latencies);
        Note("SIGSTOP", victim.Instance, victim.Pid);
        victim.Signal(Signals.Stop);
        await Task.Delay(StoppedFor, stop);
        victim.Signal(Signals.Continue);
        Note("SIGCONT", victim.Instance, victim.Pid);

        // The processes write their figures twice a second; the last attempts time out a moment later.
        await Task.Delay(TimeSpan.FromSeconds(2), stop);
        AttemptsOnStopped = Timeouts(victim.Service) - attempts;
        LatenciesWhileStopped = [.. driver.Latencies.Zip(latencies, (after, before) => after - before)];
    }

    private async Task LoseTheControlPlaneAsync(CancellationToken stop)
    {
        if (fleet.Agent is null)
        {
            Note("Consul is not ours: left alone", "consul", 0);
            return;
        }

        await (security?.BeforeConsulDiesAsync(stop) ?? Task.CompletedTask);
        var down = Stopwatch.StartNew();
        Note("SIGKILL", "consul", fleet.Agent.ProcessId);
        await fleet.Agent.KillAsync();
        await Task.Delay(TimeSpan.FromSeconds(3), stop);
        var victim = fleet.Instance("inventory-1");
        Note("SIGKILL while Consul is down", victim.Instance, victim.Pid);
        victim.Signal(Signals.Kill);
        await Task.Delay(TimeSpan.FromSeconds(2), stop);
        Note("SIGKILL while Consul is down", fleet.Desk.Instance, fleet.Desk.Pid);
        fleet.Desk.Signal(Signals.Kill);
        await Task.Delay(ConsulDownFor - down.Elapsed, stop);
        await fleet.Agent.RestartAsync();
        Note($"started again after {down.Elapsed.TotalSeconds:0} s", "consul", fleet.Agent.ProcessId);
        fleet.Desk.Start();
        Note("started again", fleet.Desk.Instance, fleet.Desk.Pid);
        victim.Start();
        _certificates = security?.ChangeCertificatesAsync(Note, stop) ?? Task.CompletedTask;
        await AtWorkAsync(victim, stop);
    }

    private async Task PutBadPoliciesAsync(CancellationToken stop)
    {
        const string key = "mesh/policy/services/orders";
        var good = await control.GetAsync(key, stop) ?? throw new InvalidOperationException($"{key} is gone.");
        await PutRefusedAsync(key, """{ "schema": 1, "timeuot": { "total": "3 parsecs" } }""", "invalid policy", stop);
        await PutRefusedAsync(key, """{ "schema": 1, "timeout": { "total": "5ms" } }""", "dangerous policy", stop);
        await control.PutAsync(key, good, onlyNew: false, stop);
        Note("good policy back", key, 0);
    }

    private async Task PutRefusedAsync(string key, string document, string what, CancellationToken stop)
    {
        Note($"put: {what}", key, 0);
        await control.PutAsync(key, document, onlyNew: false, stop);
        for (var waited = Stopwatch.StartNew(); waited.Elapsed < TimeSpan.FromSeconds(10); await Task.Delay(100, stop))
        {
            if (await control.PoliciesAsync(stop) is { } policies && IsRefused(policies, key))
            {
                Note($"refused by the desk: {what}", key, fleet.Desk.Pid);
                return;
            }
        }

        Note($"NOT refused by the desk: {what}", key, fleet.Desk.Pid);
    }

    private static bool IsRefused(JsonElement policies, string key) =>
        policies.GetProperty("documents").EnumerateArray().Any(d =>
            key.EndsWith(d.GetProperty("key").GetString()!, StringComparison.Ordinal) &&
            d.GetProperty("state").GetString() == "refused");

    private long Timeouts(string callee)
    {
        statistics.Refresh();
        return statistics.Edges().Where(e => e.Callee == callee).Sum(e => e.Timeouts);
    }

    private void Note(string what, string target) => Note(what, target, 0);

    private void Note(string what, string target, int pid)
    {
        lock (_lock)
        {
            _events.Add(new ChaosEvent(Math.Round(_clock.Elapsed.TotalSeconds, 1), what, target, pid, driver.InFlight));
        }
    }
}
