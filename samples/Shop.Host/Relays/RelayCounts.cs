namespace Shop.Host.Relays;

/// <summary>What a relay saw, over all its connections.</summary>
internal sealed class RelayCounts
{
    private long _connections;
    private long _bytes;
    private long _records;
    private long _violations;
    private long _canaries;

    public long Connections => Interlocked.Read(ref _connections);

    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>TLS records.</summary>
    public long Records => Interlocked.Read(ref _records);

    /// <summary>Directions of connections in which something stood that is no TLS record.</summary>
    public long Violations => Interlocked.Read(ref _violations);

    /// <summary>How often the canary could be read.</summary>
    public long Canaries => Interlocked.Read(ref _canaries);

    public void AddConnection() => Interlocked.Increment(ref _connections);

    public void AddBytes(int count) => Interlocked.Add(ref _bytes, count);

    public void AddRecord() => Interlocked.Increment(ref _records);

    public void AddViolation() => Interlocked.Increment(ref _violations);

    public void AddCanaries(int count) => Interlocked.Add(ref _canaries, count);
}
