using System.Security.Cryptography.X509Certificates;

namespace Mesh.Client.Security;

/// <summary>
/// Decides who a peer is by the certificate it brought: the rules of SPIFFE X.509-SVID, never the roots of the machine,
/// never a name of DNS. Used by both directions, on every connection, resumed or not.
/// </summary>
internal sealed class PeerVerifier(TimeProvider time)
{
    /// <summary>Judges a peer's certificate.</summary>
    /// <param name="leaf">What the peer proved to hold the key of; <see langword="null"/> when it brought none.</param>
    /// <param name="presented">The other certificates it brought.</param>
    /// <param name="identity">Ours, with the roots we trust.</param>
    /// <returns>Who it is, or why it is refused.</returns>
    public PeerVerdict Verify(X509Certificate2? leaf, X509Certificate2Collection presented, MeshIdentity identity) =>
        throw new NotImplementedException(time.ToString());
}
