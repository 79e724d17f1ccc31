using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Mesh.Client.Security;

/// <summary>What SPIFFE demands of the leaf itself, whoever signed it.</summary>
internal static class LeafRules
{
    /// <summary>TLS server and client: a member is both, and a leaf that is limited must allow both.</summary>
    public const string ServerUsage = "1.3.6.1.5.5.7.3.1";

    /// <inheritdoc cref="ServerUsage"/>
    public const string ClientUsage = "1.3.6.1.5.5.7.3.2";

    private const X509KeyUsageFlags Signing = X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign;

    /// <summary>The one ID of a leaf, or why it is refused.</summary>
    public static CertificateFault? Check(X509Certificate2 leaf, out SpiffeId? id)
    {
        try
        {
            return IdFault(leaf, out id) ?? AuthorityFault(leaf) ?? KeyUsageFault(leaf) ?? ExtendedUsageFault(leaf);
        }
        catch (CryptographicException e)
        {
            id = null;
            return new(MeshReasons.PeerMalformed, $"An extension of the certificate cannot be read: {e.Message}");
        }
    }

    private static CertificateFault? IdFault(X509Certificate2 leaf, out SpiffeId? id)
    {
        id = null;
        var uris = UriNames.Of(leaf);
        if (uris is null)
        {
            return new(MeshReasons.PeerMalformed, "The certificate's subject alternative names cannot be read.");
        }

        switch (uris.Count)
        {
            case 0:
                return new(MeshReasons.PeerNoId, "The certificate has no URI among its subject alternative names.");
            case > 1:
                // Whoever takes the first (or any) of several can be made to take another than its peers do.
                return new(MeshReasons.PeerManyIds, $"The certificate has {uris.Count} URIs and must have exactly one.");
        }

        return SpiffeId.TryParse(uris[0], out id, out var fault)
            ? null
            : new(MeshReasons.PeerBadId, $"The certificate's URI is no SPIFFE ID: {fault}.");
    }

    private static CertificateFault? AuthorityFault(X509Certificate2 leaf) =>
        leaf.Extensions.OfType<X509BasicConstraintsExtension>().Any(e => e.CertificateAuthority)
            ? new(MeshReasons.PeerIsAuthority, "The certificate is that of an authority, not of a service.")
            : null;

    private static CertificateFault? KeyUsageFault(X509Certificate2 leaf)
    {
        var usages = leaf.Extensions.OfType<X509KeyUsageExtension>().ToList();
        if (usages.Count == 0 || usages.Exists(u => !u.KeyUsages.HasFlag(X509KeyUsageFlags.DigitalSignature)))
        {
            return new(MeshReasons.PeerKeyUsage, "The certificate's key usage does not say digitalSignature.");
        }

        return usages.Exists(u => (u.KeyUsages & Signing) != 0)
            ? new(MeshReasons.PeerKeyUsage, "The certificate's key usage says keyCertSign or cRLSign, as an authority's.")
            : null;
    }

    private static CertificateFault? ExtendedUsageFault(X509Certificate2 leaf)
    {
        foreach (var extension in leaf.Extensions.OfType<X509EnhancedKeyUsageExtension>())
        {
            var allowed = extension.EnhancedKeyUsages.Cast<Oid>().Select(o => o.Value).ToList();
            if (!allowed.Contains(ServerUsage) || !allowed.Contains(ClientUsage))
            {
                return new(
                    MeshReasons.PeerExtendedKeyUsage,
                    "The certificate's extended key usage does not allow both TLS server and TLS client.");
            }
        }

        return null;
    }
}
