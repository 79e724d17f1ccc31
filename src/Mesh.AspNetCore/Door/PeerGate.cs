using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Mesh.Client;
using Mesh.Client.Security;
using Mesh.Policy;
using Microsoft.AspNetCore.Connections;

namespace Mesh.AspNetCore.Door;

/// <summary>The part of one handshake that is ours: which certificate we show, and whom we let in.</summary>
internal sealed class PeerGate(DoorKeeper keeper, ConnectionContext transport, DoorConnection connection, MeshIdentity identity)
{
    /// <summary>What Kestrel's TLS needs to know; the protocols of the endpoint are added by it.</summary>
    public SslServerAuthenticationOptions Options() => new()
    {
        ServerCertificateContext = identity.Certificate,
        ClientCertificateRequired = true,
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        RemoteCertificateValidationCallback = Admit,

        // A resumed session brings the leaf and not what links it to a root, so it could only be let in unchecked or
        // turned away. A connection lasts for many requests; its handshake is done in full.
        AllowTlsResume = false,
        AllowRenegotiation = false,

        // The platform builds a chain before it asks: without looking anything up where the peer's certificate says.
        CertificateChainPolicy = PeerVerifier.Undecided(),
    };

    private bool Admit(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is null && keeper.Mode != InboundTls.Strict)
        {
            // As good as plaintext, which is let in, too.
            return true;
        }

        var leaf = certificate as X509Certificate2;
        var verdict = keeper.Verifier.Verify(leaf, chain?.ChainPolicy.ExtraStore ?? [], identity);
        if (verdict.IsAccepted)
        {
            connection.Peer = new MeshPeer(
                verdict.Id, keeper.ServiceOf(verdict.Id, identity), identity, leaf!.NotAfter.ToUniversalTime());
            return true;
        }

        connection.Refused = verdict.Reason;
        keeper.Refuse(verdict.Reason, connection.Address, verdict.Detail, transport.ConnectionId);
        return false;
    }
}
