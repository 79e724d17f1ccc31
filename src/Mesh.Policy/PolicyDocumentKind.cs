namespace Mesh.Policy;

/// <summary>
/// What a document in Consul KV says; each kind has its own keys, so that ACLs can separate the owners.
/// </summary>
public enum PolicyDocumentKind
{
    /// <summary><c>policy/…</c>: how callers reach a service.</summary>
    Traffic,

    /// <summary>
    /// <c>security/…</c>: inbound TLS and authorization. Recognised, but not supported by this version.
    /// </summary>
    Security,

    /// <summary><c>switches/…</c>: the operator's emergency levers.</summary>
    Switches,
}
