namespace Mesh.Client;

/// <summary>Why the mesh failed a call, or changed its outcome. The names are stable.</summary>
public enum MeshFailureReason
{
    /// <summary>The registry has never heard of the service, and the name may not pass through.</summary>
    UnknownService,

    /// <summary>The service is known but has no endpoint that may be used.</summary>
    NoEndpoints,

    /// <summary>The route's subset has no endpoint, and no other subset stands in for it.</summary>
    EmptySubset,

    /// <summary>No connection to an endpoint could be made; nothing was sent.</summary>
    ConnectFailed,

    /// <summary>The endpoint broke the connection or stream before its response headers.</summary>
    Reset,

    /// <summary>The peer refused the request before processing it.</summary>
    Refused,

    /// <summary>The call's deadline passed.</summary>
    Deadline,

    /// <summary>The endpoint answered in a way HTTP does not allow.</summary>
    ProtocolError,

    /// <summary>
    /// What answered at the endpoint's address did not prove to be an endpoint of the service; nothing was sent.
    /// </summary>
    UnprovenPeer,

    /// <summary>The service's endpoints, or policy, ask for an identity, and this process has none.</summary>
    NoIdentity,

    /// <summary>
    /// The service's endpoints speak plaintext only, and that is not accepted: policy says so, or the service was seen
    /// with TLS before.
    /// </summary>
    PlaintextRefused,
}
