namespace Mesh.Client.Transport;

/// <summary>The connections that are open. The lock guards the set; each connection takes it twice in its life.</summary>
internal sealed class OpenConnections
{
    private readonly Lock _gate = new();
    private readonly HashSet<CountedStream> _open = [];

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _open.Count;
            }
        }
    }

    public void Opened(CountedStream stream)
    {
        lock (_gate)
        {
            _open.Add(stream);
        }
    }

    public void Closed(CountedStream stream)
    {
        lock (_gate)
        {
            _open.Remove(stream);
        }
    }

    /// <summary>Breaks all of them, whatever runs on them.</summary>
    public void Abort()
    {
        CountedStream[] open;
        lock (_gate)
        {
            open = [.. _open];
        }

        foreach (var stream in open)
        {
            stream.Dispose();
        }
    }
}
