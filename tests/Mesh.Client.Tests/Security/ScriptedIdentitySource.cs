using System.Security.Cryptography.X509Certificates;
using Mesh.Client.Security;
using Mesh.Testing;

namespace Mesh.Client.Tests.Security;

/// <summary>Does nothing by itself: the test offers.</summary>
internal sealed class ScriptedIdentitySource : IIdentitySource
{
    public string Name => "test";

    public static LeafMaterial Material(TestCertificate certificate) =>
        new(certificate.Leaf, certificate.Intermediates);

    public static Dictionary<string, X509Certificate2Collection> Roots(params TestAuthority[] authorities) =>
        authorities.GroupBy(a => a.TrustDomain).ToDictionary(
            group => group.Key,
            group => new X509Certificate2Collection(group.SelectMany(a => a.Roots()).ToArray()));

    public Task RunAsync(IdentityKeeper keeper, CancellationToken cancellationToken) =>
        Task.Delay(Timeout.Infinite, cancellationToken);
}
