using System.Diagnostics;
using Mesh.Client.Transport;

namespace Mesh.Client.Pipeline;

/// <summary>
/// The transport of one endpoint: made by the first call that needs it, left behind when the endpoint says that it will
/// stop or connections have to be made anew, retired when the endpoint leaves; ended once no attempt runs on the endpoint.
/// </summary>
/// <remarks>
/// A connection that was there before an endpoint began to stop is one that it may close at any moment, perhaps while a
/// request is on the way: none is begun on it any more, and it is closed from this side.
/// A transport outlives its retirement because the platform's handler, when it is disposed, lets established exchanges
/// finish but fails a request that still waits for its first HTTP/2 connection, with an error that does not say that
/// nothing was sent.
/// A transport that was ended stays known until its last connection is closed: whoever counts connections counts those too.
/// The lock guards what was left behind or ended, and orders making against ending, so that a call that picked the endpoint just
/// before its removal gets a transport that is disposed, and therefore refuses, rather than one that nobody ever ends.
/// Under it the factory is called, which opens no connection.
/// </remarks>
internal sealed class EndpointConnections(IEndpointOwner owner, MeshEndpoint endpoint) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<EndpointTransport> _leftBehind = [];
    private readonly List<EndpointTransport> _ended = [];
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
                return (_transport?.Connections ?? 0) + OldLocked();
            }
        }
    }

    /// <summary>Connections open now that no new call uses.</summary>
    public int Old
    {
        get
        {
            lock (_gate)
            {
                return OldLocked();
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

    /// <summary>
    /// New attempts get new connections. Ends with a full fence, for the same reason. Returns what was left.
    /// </summary>
    public EndpointTransport? LeaveBehind()
    {
        EndpointTransport? left;
        lock (_gate)
        {
            left = _transport;
            if (left is not null)
            {
                _leftBehind.Add(left);
                Volatile.Write(ref _transport, null);
                Volatile.Write(ref _hasLeftBehind, true);
            }
        }

        Interlocked.MemoryBarrier();
        return left;
    }

    /// <summary>Ends one that was left behind although attempts run on the endpoint: those on it go on to their end.</summary>
    public void End(EndpointTransport left)
    {
        lock (_gate)
        {
            if (!_leftBehind.Remove(left))
            {
                return;
            }

            _ended.Add(left);
            Volatile.Write(ref _hasLeftBehind, _leftBehind.Count > 0);
        }

        left.Dispose();
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

    private int OldLocked()
    {
        Debug.Assert(_gate.IsHeldByCurrentThread);
        _ended.RemoveAll(static t => t.Connections == 0);
        return _leftBehind.Sum(static t => t.Connections) + _ended.Sum(static t => t.Connections);
    }

    private EndpointTransport[] TakeLeftBehindLocked()
    {
        Debug.Assert(_gate.IsHeldByCurrentThread);
        EndpointTransport[] taken = [.. _leftBehind];
        _ended.AddRange(_leftBehind);
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

            _ended.RemoveAll(static t => t.Connections == 0);
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
