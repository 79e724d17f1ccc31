using Mesh.Client.Balancing;
using Mesh.Client.Telemetry;
using Mesh.Client.Transport;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Pipeline;

/// <summary>What all upstreams of a process share.</summary>
/// <param name="Clock">Reads timestamps.</param>
/// <param name="Random">Thread-safe.</param>
/// <param name="Instruments">Counts what happens to endpoints.</param>
/// <param name="Transports">Makes their connections.</param>
/// <param name="Balancers">Makes the algorithms.</param>
/// <param name="Logger">Hears what happens to endpoints.</param>
internal sealed record UpstreamServices(
    MeshClock Clock,
    Random Random,
    MeshInstruments Instruments,
    ITransportFactory Transports,
    LoadBalancerRegistry Balancers,
    ILogger<Upstream> Logger)
{
    /// <summary>Keeps the log of all upstreams readable while many endpoints change their state at once.</summary>
    public LogLimiter Lines { get; } = new(Clock.Time);

    /// <summary>What decides how calls travel.</summary>
    public OutboundSecurity Security { get; init; } = OutboundSecurity.None;

    /// <summary>Replaces connections.</summary>
    public ConnectionRenewal Renewal { get; init; } = new(Clock, Random, new MeshConnectionOptions(), Logger);
}
