namespace Mesh.Client.Transport;

/// <summary>
/// Thrown inside connect callbacks only: whoever finds it in a chain of inner exceptions knows that nothing was sent.
/// </summary>
internal sealed class EndpointConnectException(string message, ConnectFailure failure, Exception? inner)
    : IOException(message, inner)
{
    public ConnectFailure Failure { get; } = failure;
}
