using System.Collections.Concurrent;

namespace Mesh.AspNetCore.Door;

/// <summary>The connections that are open, so that a change of the mode reaches them.</summary>
internal sealed class DoorConnections
{
    private readonly ConcurrentDictionary<DoorConnection, bool> _open = new(ReferenceEqualityComparer.Instance!);
    private int _secured;

    /// <summary>The first connection over TLS is there. Raised once.</summary>
    public event Action? Secured;

    /// <summary>There has been a connection over TLS.</summary>
    public bool IsSecured => Volatile.Read(ref _secured) == 1;

    /// <summary>How many of a kind are open.</summary>
    public int CountOf(DoorKind kind) => _open.Count(c => c.Key.Kind == kind);

    public IReadOnlyList<DoorConnection> Where(Func<DoorConnection, bool> which) =>
        [.. _open.Keys.Where(which)];

    public void Add(DoorConnection connection)
    {
        _open.TryAdd(connection, true);
        if (connection.Kind == DoorKind.Tls && Interlocked.Exchange(ref _secured, 1) == 0)
        {
            Secured?.Invoke();
        }
    }

    public void Remove(DoorConnection connection) => _open.TryRemove(connection, out _);

    /// <summary>
    /// Asks for the end of connections: those idle close, HTTP/1 says "close" with the answer in flight, HTTP/2 sends
    /// GOAWAY. What is in flight ends as it would.
    /// </summary>
    /// <returns>How many.</returns>
    public int Close(Func<DoorConnection, bool> which)
    {
        var closed = 0;
        foreach (var (connection, _) in _open)
        {
            if (which(connection))
            {
                connection.Lifetime?.RequestClose();
                closed++;
            }
        }

        return closed;
    }
}
