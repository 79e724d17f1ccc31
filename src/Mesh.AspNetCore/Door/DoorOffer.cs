using Mesh.AspNetCore.Registering;
using Mesh.Client.Discovery;
using Mesh.Policy;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Mesh.AspNetCore.Door;

/// <summary>What members are told about a listener's TLS; compared to notice that it has changed.</summary>
/// <param name="Tls">The value of <c>mesh-tls</c>; <see langword="null"/> when TLS of the mesh is not spoken.</param>
/// <param name="Protocols">What is spoken over it; <see langword="null"/> with <paramref name="Tls"/>.</param>
/// <param name="IsConnect">Proxies of Consul Connect are let in, since the certificate comes from the same authority.</param>
internal readonly record struct DoorOffer(string? Tls, string? Protocols, bool IsConnect)
{
    // The trust domains of Consul's authority, and of no other, are called after the cluster with this behind.
    private const string ConsulTrustDomain = ".consul";

    /// <summary>What is offered at this moment.</summary>
    public static DoorOffer Of(DoorKeeper keeper, Listener listener)
    {
        if (keeper.Identity.Current is not { } identity ||
            keeper.Mode == InboundTls.Off ||
            listener.IsHttps ||
            keeper.IsPlainPort(listener.Port) ||
            keeper.ProtocolsOf(listener.Port) is not { } protocols)
        {
            return default;
        }

        return new DoorOffer(
            EndpointTlsWords.Word(keeper.Mode == InboundTls.Strict ? EndpointTls.Strict : EndpointTls.Permissive),
            EndpointTlsWords.Protocols(protocols.HasFlag(HttpProtocols.Http1), protocols.HasFlag(HttpProtocols.Http2)),
            identity.TrustDomain.EndsWith(ConsulTrustDomain, StringComparison.Ordinal));
    }
}
