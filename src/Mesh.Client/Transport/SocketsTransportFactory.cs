using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Security.Cryptography.X509Certificates;
using Mesh.Client.Pipeline;
using Mesh.Client.Security;
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

    /// <summary>Ours; without one all endpoints are spoken to in plaintext, or as the request's URI says.</summary>
    public IMeshIdentity? Identity { get; init; }

    /// <summary>Judges who answers; needed with <see cref="Identity"/>.</summary>
    public PeerVerifier? Verifier { get; init; }

    public EndpointTransport Create(Upstream upstream, MeshEndpoint endpoint)
    {
        var dialer = new EndpointDialer(
            () => (endpoint.Host, endpoint.Port), () => ConnectDeadlines.Of(upstream.Runtime), Trust, time)
        {
            Peer = Peer(upstream.Name, endpoint.Wire.Expected),
            Verifier = Verifier,
            Observer = new DialReport(upstream, endpoint),
        };
        var tagging = new AttemptPropagator(endpoint, propagator ?? DistributedContextPropagator.Current, TracesPaths);
        return new SocketsEndpointTransport(dialer, random, tagging, meters);
    }

    private Func<PeerTerms?>? Peer(string service, SpiffeId? expected) => expected is null || Identity is not { } source
        ? null
        : () => source.Current is { } identity ? new PeerTerms(identity, expected, service) : null;
}
