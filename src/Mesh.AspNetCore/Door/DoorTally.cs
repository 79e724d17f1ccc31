using System.Collections.Concurrent;

namespace Mesh.AspNetCore.Door;

/// <summary>
/// Counters by who came, of a bounded number: names are chosen by callers, and one that makes up a new name for every
/// request must not cost memory. What finds no room is counted as others.
/// </summary>
/// <param name="most">How many are told apart.</param>
/// <param name="others">Where the rest is counted.</param>
/// <param name="time">The clock; only what it measures counts, not what it shows.</param>
internal sealed class DoorTally<TKey>(int most, TKey others, TimeProvider time)
    where TKey : notnull
{
    /// <summary>A full tally looks this often whether somebody has not come for so long that there is room again.</summary>
    private static readonly TimeSpan SweepEvery = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Kept = TimeSpan.FromHours(DoorCounter.Hours);

    private readonly ConcurrentDictionary<TKey, DoorCounter> _counters = new();
    private readonly long _origin = time.GetTimestamp();
    private int _count;
    private long _sweptAt;

    /// <summary>Counts; allocates only for a key that is new.</summary>
    public void Count(TKey key)
    {
        var now = time.GetTimestamp();
        var counter = _counters.TryGetValue(key, out var known) ? known : Add(key, now);
        counter.Count(HourOf(now), now);
    }

    /// <summary>Who came in the last 24 hours: who, how often, when last; the most frequent first.</summary>
    public IReadOnlyList<(TKey Key, long Count, DateTimeOffset LastSeen)> Read()
    {
        var (now, shown) = (time.GetTimestamp(), time.GetUtcNow());
        return
        [
            .. from entry in _counters
            let age = time.GetElapsedTime(entry.Value.LastSeen, now)
            let count = entry.Value.Sum(HourOf(now))
            where age <= Kept && count > 0
            orderby count descending
            select (entry.Key, count, shown - (age > TimeSpan.Zero ? age : TimeSpan.Zero)),
        ];
    }

    private long HourOf(long timestamp) => 1 + (long)(time.GetElapsedTime(_origin, timestamp) / TimeSpan.FromHours(1));

    private DoorCounter Add(TKey key, long now)
    {
        if (Volatile.Read(ref _count) >= most && !MakeRoom(now))
        {
            return _counters.GetOrAdd(others, static _ => new DoorCounter());
        }

        var added = new DoorCounter();
        var counter = _counters.GetOrAdd(key, added);
        if (ReferenceEquals(counter, added))
        {
            Interlocked.Increment(ref _count);
        }

        return counter;
    }

    private bool MakeRoom(long now)
    {
        var swept = Volatile.Read(ref _sweptAt);
        if ((swept != 0 && time.GetElapsedTime(swept, now) < SweepEvery) ||
            Interlocked.CompareExchange(ref _sweptAt, now, swept) != swept)
        {
            return false;
        }

        foreach (var entry in _counters)
        {
            if (time.GetElapsedTime(entry.Value.LastSeen, now) > Kept &&
                !EqualityComparer<TKey>.Default.Equals(entry.Key, others) && _counters.TryRemove(entry))
            {
                Interlocked.Decrement(ref _count);
            }
        }

        return Volatile.Read(ref _count) < most;
    }
}
