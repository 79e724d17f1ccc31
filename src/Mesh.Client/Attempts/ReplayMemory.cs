namespace Mesh.Client.Attempts;

/// <summary>The memory that bodies kept for a retry may take in the whole process.</summary>
internal sealed class ReplayMemory(long limit)
{
    private const long Most = 16L * 1024 * 1024;

    private long _used;

    /// <summary>16 MiB, or 5 % of the memory the process may use where that is less.</summary>
    public static ReplayMemory Shared { get; } =
        new(Math.Min(Most, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 20));

    /// <summary>Bytes that may be taken.</summary>
    public long Limit => limit;

    /// <summary>Bytes taken now.</summary>
    public long Used => Interlocked.Read(ref _used);

    /// <summary>Takes bytes; false when there are not so many left.</summary>
    public bool TryTake(int bytes)
    {
        if (Interlocked.Add(ref _used, bytes) <= limit)
        {
            return true;
        }

        Interlocked.Add(ref _used, -bytes);
        return false;
    }

    /// <summary>Gives bytes back.</summary>
    public void Return(int bytes) => Interlocked.Add(ref _used, -bytes);
}
