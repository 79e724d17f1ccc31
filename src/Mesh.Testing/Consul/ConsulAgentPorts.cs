namespace Mesh.Testing;

/// <summary>The loopback ports of a <see cref="ConsulAgent"/>.</summary>
public sealed record ConsulAgentPorts
{
    /// <summary>The HTTP API (TCP).</summary>
    public required int Http { get; init; }

    /// <summary>DNS (TCP and UDP).</summary>
    public required int Dns { get; init; }

    /// <summary>Server RPC (TCP).</summary>
    public required int Server { get; init; }

    /// <summary>Gossip within the datacenter (TCP and UDP).</summary>
    public required int SerfLan { get; init; }

    /// <summary>Gossip between datacenters (TCP and UDP).</summary>
    public required int SerfWan { get; init; }

    /// <summary>gRPC for proxies (TCP).</summary>
    public required int Grpc { get; init; }

    /// <summary>gRPC over TLS (TCP); used by Consul 1.14 and later.</summary>
    public required int GrpcTls { get; init; }
}
