namespace Mesh.Policy;

/// <summary>What a service's listener demands of a connection: <c>inbound.tls</c> of a security document.</summary>
public enum InboundTls
{
    /// <summary>Plaintext only; the service does not register TLS.</summary>
    Off,

    /// <summary>TLS of members and plaintext of others on one port; plaintext is counted by caller. The default.</summary>
    Permissive,

    /// <summary>Only TLS with an identity that was verified.</summary>
    Strict,
}
