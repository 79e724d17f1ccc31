using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Mesh.Client.Security;

/// <summary>
/// Mutual TLS from this side. The peer is judged on every connection, a resumed one too: the platform asks for the verdict
/// each time, with the certificate that the session was made with, and the roots are those of now.
/// </summary>
internal static class MeshHandshake
{
    /// <summary>Makes a connection secure, and certain of its peer.</summary>
    /// <param name="plain">The connection; belongs to the result, and is closed when there is none.</param>
    /// <param name="terms">As whom, and to whom.</param>
    /// <param name="verifier">Judges certificates.</param>
    /// <param name="protocols">What is offered. A peer that chooses none is accepted: some proxies never do.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="PeerRefusedException">The peer is not who it should be.</exception>
    /// <exception cref="AuthenticationException">There is no TLS both sides agree on.</exception>
    /// <exception cref="IOException">The peer closed the connection.</exception>
    public static async Task<SslStream> AsClientAsync(
        Stream plain,
        PeerTerms terms,
        PeerVerifier verifier,
        List<SslApplicationProtocol> protocols,
        CancellationToken cancellationToken)
    {
        PeerVerdict? verdict = null;
        var stream = new SslStream(plain, leaveInnerStreamOpen: false);
        try
        {
            var options = new SslClientAuthenticationOptions
            {
                TargetHost = terms.ServerName,
                ApplicationProtocols = protocols,
                EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                ClientCertificateContext = terms.Identity.Certificate,
                CertificateChainPolicy = PeerVerifier.Undecided(),
                RemoteCertificateValidationCallback = (_, certificate, chain, _) =>
                    (verdict = Judge(certificate as X509Certificate2, chain, terms, verifier)).IsAccepted,
            };
            await stream.AuthenticateAsClientAsync(options, cancellationToken).ConfigureAwait(false);
            return stream;
        }
        catch (Exception exception)
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            if (verdict is { IsAccepted: false })
            {
                throw new PeerRefusedException(verdict, exception);
            }

            throw;
        }
    }

    private static PeerVerdict Judge(
        X509Certificate2? certificate, X509Chain? chain, PeerTerms terms, PeerVerifier verifier)
    {
        var verdict = verifier.Verify(certificate, chain?.ChainPolicy.ExtraStore ?? [], terms.Identity);
        return !verdict.IsAccepted || verdict.Id == terms.Expected
            ? verdict
            : new PeerVerdict(
                Id: null, MeshReasons.WrongPeer, $"The peer is {verdict.Id}; {terms.Expected} was expected.");
    }
}
