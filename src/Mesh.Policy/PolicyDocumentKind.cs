namespace Mesh.Policy;

/// <summary>
/// What a document in Consul KV says; each kind has its own keys, so that ACLs can separate the owners.
/// </summary>
public enum PolicyDocumentKind
{
    /// <summary><c>policy/…</c>: how callers reach a service.</summary>
    Traffic,

    /// <summary><c>security/…</c>: what the door of a service demands, and what its own calls demand.</summary>
    Security,

    /// <summary><c>switches/…</c>: the operator's emergency levers.</summary>
    Switches,
}
