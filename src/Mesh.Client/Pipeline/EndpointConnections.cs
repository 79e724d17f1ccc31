using System.Diagnostics;
using Mesh.Client.Transport;

namespace Mesh.Client.Pipeline;

/// <summary>
/// The transport of one endpoint: made by the first call that needs it, left behind when the endpoint says that it will
/// stop, retired when the endpoint leaves; ended once no attempt runs on the endpoint.
/// </summary>
/// <remarks>
/// A connection that was there before an endpoint began to stop is one that it may close at any moment, perhaps while a
/// request is on the way: none is begun on it any more, and it is closed from this side.
/// A transport outlives its retirement because the platform's handler, when it is disposed, lets established exchanges
/// finish but fails a request that still waits for its first HTTP/2 connection, with an error that does not say that
/// nothing was sent.
/// The lock guards what was left behind, and orders making against ending, so that a call that picked the endpoint just
/// before its removal gets a transport that is disposed, and therefore refuses, rather than one that nobody ever ends.
/// Under it the factory is called, which opens no connection.
/// </remarks>
internal sealed class EndpointConnections(IEndpointOwner owner, MeshEndpoint endpoint) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<EndpointTransport> _leftBehind = [];
    private EndpointTransport? _transport;
    private bool _disposed;
    private bool _retired;
    private bool _hasLeftBehind;

    /// <summary>Connections open now, those left behind included.</summary>
    public int Open
    {
        get
        {
            lock (_gate)
            {
                return (_transport?.Connections ?? 0) + _leftBehind.Sum(t => t.Connections);
            }
        }
    }

    /// <summary>Something is to be ended by <see cref="EndUnused"/> as soon as no attempt runs.</summary>
    public bool IsEnding => IsRetired || Volatile.Read(ref _hasLeftBehind);

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

    /// <summary>New attempts get new connections. Ends with a full fence, for the same reason.</summary>
    public void LeaveBehind()
    {
        lock (_gate)
        {
            if (_transport is { } transport)
            {
                _leftBehind.Add(transport);
                Volatile.Write(ref _transport, null);
                Volatile.Write(ref _hasLeftBehind, true);
            }
        }

        Interlocked.MemoryBarrier();
    }

    /// <summary>Ends what was left behind, and after retirement all. Called while no attempt runs.</summary>
    public void EndUnused()
    {
        if (IsRetired)
        {
            Dispose();
            return;
        }

        EndpointTransport[] transports;
        lock (_gate)
        {
            transports = TakeLeftBehindLocked();
        }

        End(transports);
    }

    public void Dispose()
    {
        EndpointTransport[] transports;
        lock (_gate)
        {
            _disposed = true;
            transports = _transport is { } transport ? [.. TakeLeftBehindLocked(), transport] : TakeLeftBehindLocked();
        }

        End(transports);
    }

    private static void End(EndpointTransport[] transports)
    {
        foreach (var transport in transports)
        {
            transport.Dispose();
        }
    }

    private EndpointTransport[] TakeLeftBehindLocked()
    {
        Debug.Assert(_gate.IsHeldByCurrentThread);
        EndpointTransport[] taken = [.. _leftBehind];
        _leftBehind.Clear();
        Volatile.Write(ref _hasLeftBehind, false);
        return taken;
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
