using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Mesh.Client;

/// <summary>A certificate with its chain and the roots that are trusted, as of one moment. Immutable.</summary>
public sealed class MeshIdentity
{
    internal MeshIdentity(
        SpiffeId id,
        SslStreamCertificateContext certificate,
        IReadOnlyDictionary<string, X509Certificate2Collection> roots,
        DateTimeOffset notBefore,
        DateTimeOffset notAfter)
    {
        (Id, Certificate, Roots, NotBefore, NotAfter) = (id, certificate, roots, notBefore, notAfter);
    }

    /// <summary>The SPIFFE ID of the leaf.</summary>
    public SpiffeId Id { get; }

    /// <summary>The trust domain of the leaf: peers of it are members of the same mesh.</summary>
    public string TrustDomain => Id.TrustDomain;

    /// <summary>From when the leaf is valid.</summary>
    public DateTimeOffset NotBefore { get; }

    /// <summary>Until when the leaf is valid.</summary>
    public DateTimeOffset NotAfter { get; }

    /// <summary>The leaf with its key and intermediates, made once and used by every handshake. The key never leaves memory.</summary>
    internal SslStreamCertificateContext Certificate { get; }

    /// <summary>The roots of each trust domain; a peer is verified with those of its own domain and no others.</summary>
    internal IReadOnlyDictionary<string, X509Certificate2Collection> Roots { get; }
}
