namespace Mesh.Client.Transport;

/// <summary>At which step a connection failed.</summary>
internal enum ConnectFailure
{
    Resolve,
    Refused,
    Unreachable,
    Timeout,
    Handshake,
    Other,
}
