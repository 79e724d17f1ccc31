using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Mesh.Client.Security;

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

    /// <summary>
    /// Makes an identity of certificates that come from a source of your own. It is held to the rules that every peer
    /// holds it to, so that what none of them would accept fails here.
    /// </summary>
    /// <param name="leaf">The certificate with its private key. Not disposed by the mesh; keep it for as long as it is used.</param>
    /// <param name="intermediates">What leads from the leaf to a root, in any order; empty when a root signed the leaf.</param>
    /// <param name="roots">The roots of each trust domain; that of the leaf must be among them.</param>
    /// <param name="time">The clock that counts; <see langword="null"/> for the system's.</param>
    /// <exception cref="ArgumentException">No peer would accept it; the message says why.</exception>
    public static MeshIdentity Create(
        X509Certificate2 leaf,
        X509Certificate2Collection intermediates,
        IReadOnlyDictionary<string, X509Certificate2Collection> roots,
        TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(leaf);
        ArgumentNullException.ThrowIfNull(intermediates);
        ArgumentNullException.ThrowIfNull(roots);
        return TryCreate(leaf, intermediates, roots, (time ?? TimeProvider.System).GetUtcNow(), out var identity, out var fault)
            ? identity
            : throw new ArgumentException($"{fault.Detail} ({fault.Reason})", nameof(leaf));
    }

    /// <summary>The same leaf with other roots: connections made with it need not be made anew.</summary>
    internal MeshIdentity With(IReadOnlyDictionary<string, X509Certificate2Collection> roots) =>
        new(Id, Certificate, Copy(roots), NotBefore, NotAfter);

    internal static bool TryCreate(
        X509Certificate2 leaf,
        X509Certificate2Collection intermediates,
        IReadOnlyDictionary<string, X509Certificate2Collection> roots,
        DateTimeOffset now,
        [NotNullWhen(true)] out MeshIdentity? identity,
        [NotNullWhen(false)] out CertificateFault? fault)
    {
        identity = null;
        if (!leaf.HasPrivateKey)
        {
            fault = new(MeshReasons.PeerNoCertificate, "The certificate comes without its private key.");
            return false;
        }

        var verdict = PeerVerifier.Judge(leaf, intermediates, roots, now);
        if (!verdict.IsAccepted)
        {
            fault = new(verdict.Reason, verdict.Detail);
            return false;
        }

        fault = null;
        var (from, until) = ChainRules.Times(leaf);
        identity = new MeshIdentity(
            verdict.Id,
            SslStreamCertificateContext.Create(UsableLeaf.Of(leaf), intermediates, offline: true),
            Copy(roots),
            from,
            until);
        return true;
    }

    private static FrozenDictionary<string, X509Certificate2Collection> Copy(
        IReadOnlyDictionary<string, X509Certificate2Collection> roots) =>
        roots.ToFrozenDictionary(r => r.Key, r => new X509Certificate2Collection(r.Value), StringComparer.Ordinal);
}
