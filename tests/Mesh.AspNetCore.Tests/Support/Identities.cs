using System.Security.Cryptography.X509Certificates;
using Mesh.Client;
using Mesh.Client.Policies;
using Mesh.Policy;
using Mesh.Testing;

namespace Mesh.AspNetCore.Tests.Support;

/// <summary>Certificates and modes, in one line each.</summary>
internal static class Identities
{
    /// <summary>A leaf as an identity, with roots of its own trust domain.</summary>
    public static MeshIdentity Of(TestCertificate certificate, params TestAuthority[] trusted)
    {
        X509Certificate2Collection roots = [.. trusted.SelectMany(a => a.Roots())];
        return MeshIdentity.Create(
            certificate.Leaf, certificate.Intermediates,
            new Dictionary<string, X509Certificate2Collection> { [trusted[0].TrustDomain] = roots });
    }

    public static MeshIdentity Of(TestAuthority authority, string service) => Of(authority.Issue(service), authority);

    public static void Demand(this OwnPolicy policy, InboundTls mode) =>
        policy.Set(policy.Security with { InboundTls = mode }, policy.Inbound, unknown: false);
}
