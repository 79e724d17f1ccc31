using System.Net.Sockets;

namespace Mesh.Client.Transport;

/// <summary>
/// The stream of one connection, counted while it is open. Derived rather than wrapped around, so that reading and writing
/// cost what they cost without it.
/// </summary>
internal sealed class CountedStream : NetworkStream
{
    private readonly OpenConnections _open;
    private int _closed;

    public CountedStream(Socket socket, OpenConnections open)
        : base(socket, ownsSocket: true)
    {
        _open = open;
        open.Opened(this);
    }

    protected override void Dispose(bool disposing)
    {
        if (Interlocked.Exchange(ref _closed, 1) == 0)
        {
            _open.Closed(this);
        }

        base.Dispose(disposing);
    }
}
