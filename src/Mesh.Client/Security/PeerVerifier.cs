using System.Security.Cryptography.X509Certificates;
using Mesh.Client.Telemetry;

namespace Mesh.Client.Security;

/// <summary>
/// Decides who a peer is by the certificate it brought: the rules of SPIFFE X.509-SVID, never the roots of the machine,
/// never a name of DNS. Used by both directions, on every connection, resumed or not.
/// </summary>
internal sealed class PeerVerifier(TimeProvider time, MeshInstruments? instruments = null)
{
    /// <summary>Judges a peer's certificate, and counts the refusal.</summary>
    /// <param name="leaf">What the peer proved to hold the key of; <see langword="null"/> when it brought none.</param>
    /// <param name="presented">The other certificates it brought.</param>
    /// <param name="identity">Ours, with the roots we trust.</param>
    /// <returns>Who it is, or why it is refused.</returns>
    public PeerVerdict Verify(X509Certificate2? leaf, X509Certificate2Collection presented, MeshIdentity identity)
    {
        var verdict = Judge(leaf, presented, identity.Roots, time.GetUtcNow());
        if (!verdict.IsAccepted)
        {
            instruments?.PeerRefused(verdict.Reason);
        }

        return verdict;
    }

    /// <summary>
    /// What TLS itself should do with a peer's certificate: nothing. It must neither look at the machine's roots nor at the
    /// network on the way to the callback that asks <see cref="Verify"/>; without this policy it may do both.
    /// </summary>
    public static X509ChainPolicy Undecided() => new()
    {
        TrustMode = X509ChainTrustMode.CustomRootTrust,
        RevocationMode = X509RevocationMode.NoCheck,
        DisableCertificateDownloads = true,
        VerificationFlags = X509VerificationFlags.AllFlags,
    };

    /// <summary>The rules, without an identity and without counting.</summary>
    public static PeerVerdict Judge(
        X509Certificate2? leaf,
        X509Certificate2Collection presented,
        IReadOnlyDictionary<string, X509Certificate2Collection> roots,
        DateTimeOffset now)
    {
        if (leaf is null)
        {
            return new(null, MeshReasons.PeerNoCertificate, "The peer brought no certificate.");
        }

        var fault = LeafRules.Check(leaf, out var id) ?? ChainRules.Check(leaf, id!, presented, roots, now);
        return fault is null ? new(id, null, null) : new(null, fault.Reason, fault.Detail);
    }
}
