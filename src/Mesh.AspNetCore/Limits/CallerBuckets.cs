using System.Collections.Concurrent;

namespace Mesh.AspNetCore.Limits;

/// <summary>
/// The buckets of one rule, by caller. Their number is bounded: names that nobody proved can be made up, and must not cost
/// memory. Beyond the bound, buckets that are full are forgotten (a new one is full too, so nobody gains by it); when none
/// is, callers without one share one.
/// </summary>
/// <param name="make">Makes a full bucket.</param>
/// <param name="most">Most callers with a bucket of their own.</param>
internal sealed class CallerBuckets(Func<TokenBucket> make, int most)
{
    private readonly ConcurrentDictionary<string, TokenBucket> _buckets = new(StringComparer.OrdinalIgnoreCase);
    private readonly TokenBucket _others = make();
    private int _count;
    private int _sweeping;

    /// <summary>Callers with a bucket of their own.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>The bucket of this caller.</summary>
    public TokenBucket Of(string caller)
    {
        if (_buckets.TryGetValue(caller, out var bucket))
        {
            return bucket;
        }

        if (Count >= most)
        {
            ForgetIdle();
        }

        if (Interlocked.Increment(ref _count) > most)
        {
            Interlocked.Decrement(ref _count);
            return _others;
        }

        var made = make();
        bucket = _buckets.GetOrAdd(caller, made);
        if (bucket != made)
        {
            Interlocked.Decrement(ref _count);
        }

        return bucket;
    }

    // One at a time; who comes meanwhile shares the common bucket rather than wait.
    private void ForgetIdle()
    {
        if (Interlocked.Exchange(ref _sweeping, 1) == 1)
        {
            return;
        }

        foreach (var (caller, bucket) in _buckets)
        {
            if (bucket.IdleDuration is not null && _buckets.TryRemove(caller, out _))
            {
                Interlocked.Decrement(ref _count);
            }
        }

        Volatile.Write(ref _sweeping, 0);
    }
}
