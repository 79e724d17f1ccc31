namespace Mesh.Client.Transport;

/// <summary>At which step a connection failed.</summary>
internal enum ConnectFailure
{
    Resolve,
    Refused,
    Unreachable,
    Timeout,
    Handshake,

    /// <summary>What answered is not who it should be.</summary>
    Peer,

    /// <summary>There is no identity to show.</summary>
    NoIdentity,
    Other,
}
