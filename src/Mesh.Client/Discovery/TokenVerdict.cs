using Mesh.Consul;

namespace Mesh.Client.Discovery;

/// <summary>What Consul says the token may not see of one service. Immutable.</summary>
/// <param name="Missing">The permissions it lacks; empty when it sees everything.</param>
internal sealed record TokenVerdict(IReadOnlyList<ConsulPermission> Missing)
{
    public static TokenVerdict SeesAll { get; } = new([]);

    /// <summary>
    /// The endpoint may be there although no answer lists it: the service is hidden, or the node on which it is registered.
    /// </summary>
    public bool Hides(EndpointInfo endpoint) => Missing.Any(
        p => p.Resource == "service" || (p.Resource == "node" && (p.Segment.Length == 0 || p.Segment == endpoint.Node)));
}
