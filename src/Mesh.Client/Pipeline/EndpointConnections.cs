using Mesh.Client.Transport;

namespace Mesh.Client.Pipeline;

/// <summary>
/// The transport of one endpoint: made by the first call that needs it, retired when the endpoint leaves, ended once no
/// attempt runs on it.
/// </summary>
/// <remarks>
/// It outlives its retirement because the platform's handler, when it is disposed, lets established exchanges finish but
/// fails a request that still waits for its first HTTP/2 connection, with an error that does not say that nothing was sent.
/// The lock orders making against ending, so that a call that picked the endpoint just before its removal gets a transport
/// that is disposed, and therefore refuses, rather than one that nobody ever ends. Under it the factory is called, which
/// opens no connection.
/// </remarks>
internal sealed class EndpointConnections(IEndpointOwner owner, MeshEndpoint endpoint) : IDisposable
{
    private readonly Lock _gate = new();
    private EndpointTransport? _transport;
    private bool _disposed;
    private bool _retired;

    /// <summary>Connections open now.</summary>
    public int Open => Volatile.Read(ref _transport)?.Connections ?? 0;

    /// <summary>The endpoint left: new attempts are refused.</summary>
    public bool IsRetired => Volatile.Read(ref _retired);

    /// <exception cref="ObjectDisposedException">The endpoint left; nothing was sent.</exception>
    public EndpointTransport Transport
    {
        get
        {
            ObjectDisposedException.ThrowIf(IsRetired, endpoint);
            return Volatile.Read(ref _transport) ?? Make();
        }
    }

    /// <summary>
    /// Refuses new attempts. An attempt counts itself before it asks for the transport, and this ends with a full fence:
    /// so whoever counts attempts afterwards sees each one that was not refused.
    /// </summary>
    public void Retire()
    {
        Volatile.Write(ref _retired, true);
        Interlocked.MemoryBarrier();
    }

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
