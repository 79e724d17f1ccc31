using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Security.Cryptography.X509Certificates;
using Mesh.Client.Pipeline;
using Mesh.Client.Telemetry;

namespace Mesh.Client.Transport;

/// <summary>Makes transports over real sockets.</summary>
/// <param name="time">Runs the deadlines of connecting.</param>
/// <param name="random">Spreads the lifetimes of connections.</param>
/// <param name="propagator">Puts trace headers on each attempt.</param>
/// <param name="meters">Where the platform's own HTTP instruments report to, as for other clients of the application.</param>
internal sealed class SocketsTransportFactory(
    TimeProvider time, Random random, DistributedContextPropagator? propagator, IMeterFactory? meters)
    : ITransportFactory
{
    /// <summary>Spans of attempts keep the path of their request.</summary>
    public bool TracesPaths { get; init; }

    /// <summary>Who is trusted under <c>https</c>; <see langword="null"/> means the roots of the machine.</summary>
    public X509ChainPolicy? Trust { get; init; }

    public EndpointTransport Create(Upstream upstream, MeshEndpoint endpoint)
    {
        var dialer = new EndpointDialer(
            () => (endpoint.Host, endpoint.Port), () => ConnectDeadlines.Of(upstream.Runtime), Trust, time);
        var tagging = new AttemptPropagator(endpoint, propagator ?? DistributedContextPropagator.Current, TracesPaths);
        return new SocketsEndpointTransport(dialer, random, tagging, meters);
    }
}
