namespace Mesh.Policy;

/// <summary>What this process demands of the endpoints it calls: <c>outbound.tls</c> of a security document.</summary>
public enum OutboundTls
{
    /// <summary>
    /// TLS with every member that speaks it, plaintext with others; a service once seen with TLS is never called in
    /// plaintext again. The default.
    /// </summary>
    Auto,

    /// <summary>Only endpoints that speak TLS; others are refused as if they were not there.</summary>
    Require,
}
