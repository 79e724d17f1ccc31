namespace Mesh.AspNetCore.Door;

/// <summary>
/// How often something happened in each of the last hours, and when last. Written without a lock: an hour and its count
/// are one number, so that whoever comes first in a new hour takes the place of the old one in one step.
/// </summary>
internal sealed class DoorCounter
{
    /// <summary>The hours that are kept whole; the running one comes on top.</summary>
    public const int Hours = 24;

    private const int CountBits = 40;
    private const long CountMask = (1L << CountBits) - 1;

    private readonly long[] _slots = new long[Hours + 1];
    private long _lastSeen;

    /// <summary>It happened.</summary>
    /// <param name="hour">The running hour, counted from anywhere, at least 1.</param>
    /// <param name="timestamp">Now.</param>
    public void Count(long hour, long timestamp)
    {
        Volatile.Write(ref _lastSeen, timestamp);
        ref var slot = ref _slots[hour % _slots.Length];
        var before = Volatile.Read(ref slot);
        while (true)
        {
            // A thread that was held up over the end of an hour counts for the one that has taken the place.
            var after = before >> CountBits >= hour ? before + 1 : (hour << CountBits) | 1;
            var found = Interlocked.CompareExchange(ref slot, after, before);
            if (found == before)
            {
                return;
            }

            before = found;
        }
    }

    /// <summary>When it happened last.</summary>
    public long LastSeen => Volatile.Read(ref _lastSeen);

    /// <summary>How often in the running hour and the <see cref="Hours"/> before it.</summary>
    public long Sum(long hour)
    {
        var sum = 0L;
        for (var i = 0; i < _slots.Length; i++)
        {
            var slot = Volatile.Read(ref _slots[i]);
            sum += slot >> CountBits >= hour - Hours ? slot & CountMask : 0;
        }

        return sum;
    }
}
