using Mesh.Client.Discovery;
using Mesh.Client.Security;
using Mesh.Policy;

namespace Mesh.Client.Pipeline;

/// <summary>
/// Plaintext, mutual TLS, or neither:
/// <code>
/// the endpoint speaks   we have an identity   TLS is demanded   what happens
/// plaintext only        -                     no                plaintext
/// plaintext only        -                     yes               refused: plaintext_refused
/// both                  no                    no                plaintext
/// both                  no                    yes               refused: no_identity
/// TLS only              no                    -                 refused: no_identity
/// both, or TLS only     yes                   -                 mutual TLS
/// </code>
/// TLS is demanded by <c>outbound.tls: require</c>, and of a service that was seen with TLS before. A process that has lost
/// its identity goes on with the connections it has: what cannot be renewed is no reason to break what works.
/// </summary>
internal static class WireRules
{
    /// <summary>Decides.</summary>
    /// <param name="service">The service's name.</param>
    /// <param name="info">The endpoint.</param>
    /// <param name="seen">The service was seen with TLS before.</param>
    /// <param name="security">What is demanded, and who we are.</param>
    /// <param name="before">What was decided last.</param>
    public static EndpointWire Decide(
        string service, EndpointInfo info, bool seen, OutboundSecurity security, EndpointWire before)
    {
        var demanded = seen || security.Mode == OutboundTls.Require;
        if (info.Tls == EndpointTls.None)
        {
            return demanded ? EndpointWire.Refused(MeshReasons.PlaintextRefused) : EndpointWire.Plain;
        }

        if (security.Identity is { } identity)
        {
            return Expect(service, info, security.Paths, identity);
        }

        if (before.Expected is not null)
        {
            return before;
        }

        return demanded || info.Tls == EndpointTls.Strict
            ? EndpointWire.Refused(MeshReasons.NoIdentity)
            : EndpointWire.Plain;
    }

    private static EndpointWire Expect(string service, EndpointInfo info, IdentityPaths paths, MeshIdentity identity)
    {
        var datacenter = info.Datacenter ?? paths.DatacenterOf(identity.Id) ?? "";
        try
        {
            return new EndpointWire { Expected = paths.Expected(service, datacenter, identity.TrustDomain) };
        }
        catch (ArgumentException)
        {
            // No certificate can name a service or datacenter of that name.
            return EndpointWire.Refused(MeshReasons.WrongPeer);
        }
    }
}
