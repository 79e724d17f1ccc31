using Mesh.Client.Transport;

namespace Mesh.Client.Pipeline;

/// <summary>The transport of one endpoint: made by the first call that needs it, ended once the endpoint is gone.</summary>
/// <remarks>
/// The lock orders making against ending, so that a call that picked the endpoint just before its removal gets a transport
/// that is disposed, and therefore refuses, rather than one that nobody ever ends. Under it the factory is called, which
/// opens no connection.
/// </remarks>
internal sealed class EndpointConnections(IEndpointOwner owner, MeshEndpoint endpoint) : IDisposable
{
    private readonly Lock _gate = new();
    private EndpointTransport? _transport;
    private bool _disposed;

    public EndpointTransport Transport => Volatile.Read(ref _transport) ?? Make();

    public void Dispose()
    {
        EndpointTransport? transport;
        lock (_gate)
        {
            _disposed = true;
            transport = _transport;
        }

        transport?.Dispose();
    }

    private EndpointTransport Make()
    {
        lock (_gate)
        {
            if (_transport is { } made)
            {
                return made;
            }

            var transport = owner.CreateTransport(endpoint);
            if (_disposed)
            {
                transport.Dispose();
            }

            Volatile.Write(ref _transport, transport);
            return transport;
        }
    }
}
