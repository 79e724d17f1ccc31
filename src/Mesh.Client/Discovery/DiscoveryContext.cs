using Mesh.Client.Pipeline;
using Mesh.Client.Telemetry;
using Mesh.Consul;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Discovery;

/// <summary>What every watch of the process shares.</summary>
internal sealed record DiscoveryContext
{
    public required MeshDiscoveryOptions Options { get; init; }

    /// <summary>The datacenter asked; <see langword="null"/> means the agent's own.</summary>
    public string? Datacenter { get; init; }

    public required ConsulClient Client { get; init; }

    public required RegistryLink Link { get; init; }

    public required ClockSkew Skew { get; init; }

    /// <summary>Keeps the log readable when the answers about many services are doubted at once.</summary>
    public required LogLimiter Lines { get; init; }

    public required TokenCanary Canary { get; init; }

    /// <summary>
    /// Turns for confirming reads: services that lost their endpoints together would else open a connection each, in every
    /// process of the machine at once.
    /// </summary>
    public SemaphoreSlim Confirming { get; } = new(2, 2);

    public required TokenTrouble Trouble { get; init; }

    /// <summary>An answer lacks what should be there: the token is looked at soon.</summary>
    public Action LookAtToken { get; init; } = static () => { };

    public required SnapshotStore Snapshot { get; init; }

    public required MeshInstruments Instruments { get; init; }

    public required TimeProvider Time { get; init; }

    public required Random Random { get; init; }

    public required ILogger Logger { get; init; }

    /// <summary>Services that are reached through proxies of Consul Connect.</summary>
    public IReadOnlySet<string> Sidecars { get; init; } = new HashSet<string>();

    /// <summary>Reads a service's instances, or what stands in front of them.</summary>
    public Task<ConsulResponse<ServiceHealth[]>> ReadAsync(
        string service, ConsulQuery query, CancellationToken cancellationToken) => Sidecars.Contains(service)
        ? Client.GetConnectHealthAsync(service, query, cancellationToken)
        : Client.GetServiceHealthAsync(service, query, cancellationToken);
}
