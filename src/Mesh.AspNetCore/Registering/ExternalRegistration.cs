using Mesh.Client.Discovery;
using Mesh.Client.Pipeline;
using Mesh.Consul;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Mesh.AspNetCore.Registering;

/// <summary>
/// Adopts an instance that something else registered: finds it on the agent and sets maintenance on it before the
/// process stops. Registration, deregistration and checks stay with whoever made them.
/// </summary>
internal sealed class ExternalRegistration(
    MeshConsul consul,
    RegistrationFactory factory,
    ReadyChecks ready,
    MeshSelf self,
    IOptions<MeshServerOptions> options,
    RegistrationState standing,
    TimeProvider time,
    [FromKeyedServices("mesh")] Random random,
    ILogger<ExternalRegistration> logger) : IRegistration
{
    /// <summary>What maintenance set here says: a later start ends this one and never an operator's.</summary>
    private const string Reason = "mesh: the instance is stopping";

    private readonly MeshServerOptions _options = options.Value;
    private readonly AgentTalk _agent = new(consul, self, options.Value, standing, time, random, logger);
    private readonly Outage _missing = new(time, random);
    private string? _adopted;

    public async Task RunAsync(Listener listener, CancellationToken cancellationToken)
    {
        var (host, port) = await factory.AddressAsync(listener, cancellationToken).ConfigureAwait(false);
        while (true)
        {
            // What stands in Consul from the last stop must not end before the application can serve.
            var state = await ready.CheckAsync(cancellationToken).ConfigureAwait(false);
            standing.Checked(state);
            var pause = _options.Heartbeat;
            if (state.Health != ConsulHealth.Critical)
            {
                pause = await _agent.SayAsync(word => LookAsync(host, port, word), cancellationToken)
                    .ConfigureAwait(false);
            }

            await Task.Delay(pause, time, cancellationToken).ConfigureAwait(false);
        }
    }

    public async Task LeaveAsync(CancellationToken cancellationToken)
    {
        if (_adopted is not { } id)
        {
            return;
        }

        var failure = await _agent.LeaveAsync(
            word => consul.Client.SetMaintenanceAsync(id, enable: true, Reason, word), cancellationToken)
            .ConfigureAwait(false);
        if (failure is null)
        {
            standing.Enter("left", id);
            ServerLog.MaintenanceSet(logger, self.Service, id);
        }
        else
        {
            ServerLog.MaintenanceFailed(logger, self.Service, id, failure);
        }
    }

    private async Task LookAsync(string host, int port, CancellationToken cancellationToken)
    {
        var services = await consul.Client.GetAgentServicesAsync(cancellationToken).ConfigureAwait(false);
        await AdoptAsync(Find(services, host, port), host, port, cancellationToken).ConfigureAwait(false);
    }

    private async Task AdoptAsync(string? id, string host, int port, CancellationToken cancellationToken)
    {
        if (id is null)
        {
            _adopted = null;
            standing.Enter("missing", _options.InstanceId);
            if (_missing.Continues())
            {
                ServerLog.NotFound(logger, _options.InstanceId ?? self.Service, host, port);
            }

            return;
        }

        _missing.Ends();
        if (id != _adopted)
        {
            await EndOwnMaintenanceAsync(id, cancellationToken).ConfigureAwait(false);
            _adopted = id;
            standing.Enter("adopted", id);
            ServerLog.Adopted(logger, self.Service, id);
        }
    }

    /// <returns>The ID, or <see langword="null"/> when there is none, or several that this process could be.</returns>
    private string? Find(IReadOnlyDictionary<string, ConsulService> services, string host, int port)
    {
        if (_options.InstanceId is { } id)
        {
            return services.ContainsKey(id) ? id : null;
        }

        var same = services.Values
            .Where(s => s.Port == port && string.Equals(s.Service, self.Service, StringComparison.OrdinalIgnoreCase))
            .ToArray();
        var exact = same.Where(s => s.Address == host).ToArray();
        var candidates = exact.Length > 0 ? exact : same;
        return candidates.Length == 1 ? candidates[0].Id : null;
    }

    private async Task EndOwnMaintenanceAsync(string id, CancellationToken cancellationToken)
    {
        var health = await consul.Client.GetServiceHealthAsync(self.Service, ConsulQuery.None, cancellationToken)
            .ConfigureAwait(false);
        var ours = health.Value.Where(h => h.Service.Id == id).SelectMany(h => h.Checks).Any(c =>
            c.CheckId.StartsWith(ConsulCheck.ServiceMaintenancePrefix, StringComparison.Ordinal) && c.Notes == Reason);
        if (ours)
        {
            await consul.Client.SetMaintenanceAsync(id, enable: false, Reason, cancellationToken).ConfigureAwait(false);
        }
    }
}
