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
    TimeProvider time,
    [FromKeyedServices("mesh")] Random random,
    ILogger<ExternalRegistration> logger) : IRegistration
{
    /// <summary>What maintenance set here says: a later start ends this one and never an operator's.</summary>
    private const string Reason = "mesh: the instance is stopping";

    private readonly MeshServerOptions _options = options.Value;
    private readonly Outage _outage = new(time, random);
    private readonly Outage _missing = new(time, random);
    private string? _adopted;

    public async Task RunAsync(Listener listener, CancellationToken cancellationToken)
    {
        var (host, port) = await factory.AddressAsync(listener, cancellationToken).ConfigureAwait(false);
        while (true)
        {
            // What stands in Consul from the last stop must not end before the application can serve.
            var state = await ready.CheckAsync(cancellationToken).ConfigureAwait(false);
            var pause = _options.Heartbeat;
            if (state.Health != ConsulHealth.Critical)
            {
                pause = await LookAsync(host, port, cancellationToken).ConfigureAwait(false);
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

        using var limit = new CancellationTokenSource(_options.DeregisterTimeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await consul.Client.SetMaintenanceAsync(id, enable: true, Reason, both.Token).ConfigureAwait(false);
            ServerLog.MaintenanceSet(logger, self.Service, id);
        }
        catch (Exception error) when (error is ConsulException or OperationCanceledException)
        {
            ServerLog.MaintenanceFailed(logger, self.Service, id, error.Message);
        }
    }

    /// <returns>How long to wait before the next look.</returns>
    private async Task<TimeSpan> LookAsync(string host, int port, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(_options.Heartbeat, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            var services = await consul.Client.GetAgentServicesAsync(both.Token).ConfigureAwait(false);
            if (_outage.Ends())
            {
                ServerLog.ConsulBack(logger, consul.Client.Address);
            }

            await AdoptAsync(Find(services, host, port), host, port, both.Token).ConfigureAwait(false);
            return _options.Heartbeat * (0.9 + (random.NextDouble() / 10));
        }
        catch (Exception error) when (
            error is ConsulException ||
            (error is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            if (_outage.Continues())
            {
                ServerLog.ConsulUnreachable(logger, consul.Client.Address, self.Service, self.Instance, error.Message);
            }

            return _outage.Pause(_options.Heartbeat);
        }
    }

    private async Task AdoptAsync(string? id, string host, int port, CancellationToken cancellationToken)
    {
        if (id is null)
        {
            _adopted = null;
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
