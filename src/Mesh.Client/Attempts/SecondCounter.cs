using System.Runtime.CompilerServices;

namespace Mesh.Client.Attempts;

/// <summary>
/// Counts events by the second over the last minute, without a lock. Each slot holds the second it counts for and the
/// count in one word; whoever comes first in a new second starts the slot anew.
/// </summary>
internal sealed class SecondCounter
{
    /// <summary>Seconds remembered, a power of two.</summary>
    public const int Seconds = 64;

    private readonly long[] _slots = new long[Seconds];

    /// <summary>Adds to the count of a second; a negative <paramref name="amount"/> takes back what was added before.</summary>
    public void Add(long second, int amount)
    {
        ref var slot = ref _slots[(int)second & (Seconds - 1)];
        var seen = Volatile.Read(ref slot);
        while (true)
        {
            var count = IsOf(seen, second) ? (uint)seen : 0;
            var next = Pack(second, (uint)Math.Max(0, count + amount));
            var found = Interlocked.CompareExchange(ref slot, next, seen);
            if (found == seen)
            {
                return;
            }

            seen = found;
        }
    }

    /// <summary>The count over the <paramref name="window"/> seconds that end with <paramref name="second"/>.</summary>
    public long Sum(long second, int window)
    {
        var sum = 0L;
        for (var offset = 0; offset < Math.Min(window, Seconds); offset++)
        {
            var slot = Volatile.Read(ref _slots[(int)(second - offset) & (Seconds - 1)]);
            sum += IsOf(slot, second - offset) ? (uint)slot : 0;
        }

        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsOf(long slot, long second) => (uint)(slot >> 32) == (uint)second;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static long Pack(long second, uint count) => ((long)(uint)second << 32) | count;
}
