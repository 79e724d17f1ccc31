using System.Threading.RateLimiting;

namespace Mesh.AspNetCore.Limits;

/// <summary>
/// A token bucket that costs one word: the time at which it will be full again. It refills continuously, needs no timer and
/// no lock, and runs on a <see cref="TimeProvider"/>, which the platform's own does not.
/// </summary>
/// <param name="permits">Tokens gained in <paramref name="window"/>.</param>
/// <param name="window">The time in which they are gained.</param>
/// <param name="burst">What it holds when full; it begins full.</param>
/// <param name="time">The clock.</param>
internal sealed class TokenBucket(int permits, TimeSpan window, int burst, TimeProvider time) : RateLimiter
{
    // Sixteenths of a timestamp, so that what one token takes is not rounded to nothing at high rates.
    private const long Fine = 16;

    private static readonly RateLimitLease Granted = new GrantedLease();

    private readonly long _oneToken =
        Math.Max(1, (long)(window.TotalSeconds / permits * time.TimestampFrequency * Fine));

    private long _fullAt;

    /// <summary>How long it has been full; <see langword="null"/> while it is not.</summary>
    public override TimeSpan? IdleDuration
    {
        get
        {
            var full = Volatile.Read(ref _fullAt);
            var now = Now();
            return full > now ? null : Span(now - full);
        }
    }

    /// <summary>Tokens it holds now.</summary>
    public int Available => (int)((Capacity - Missing(Now())) / _oneToken);

    /// <summary>The time until it is full.</summary>
    public TimeSpan FullIn => Span(Missing(Now()));

    private long Capacity => burst * _oneToken;

    /// <summary>Takes a token when there is one.</summary>
    /// <param name="retryAfter">The time until there is one, when there is none.</param>
    public bool TryTake(out TimeSpan retryAfter)
    {
        while (true)
        {
            var full = Volatile.Read(ref _fullAt);
            var now = Now();
            var next = Math.Max(full, now) + _oneToken;
            if (next - now > Capacity)
            {
                retryAfter = Span(next - now - Capacity);
                return false;
            }

            if (Interlocked.CompareExchange(ref _fullAt, next, full) == full)
            {
                retryAfter = default;
                return true;
            }
        }
    }

    /// <summary>Gives a token back that was not used.</summary>
    public void Return() => Interlocked.Add(ref _fullAt, -_oneToken);

    public override RateLimiterStatistics GetStatistics() => new() { CurrentAvailablePermits = Available };

    protected override RateLimitLease AttemptAcquireCore(int permitCount)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(permitCount, 1);
        return permitCount == 0 || TryTake(out var retryAfter) ? Granted : new RefusedLease(retryAfter);
    }

    protected override ValueTask<RateLimitLease> AcquireAsyncCore(int permitCount, CancellationToken cancellationToken) =>
        new(AttemptAcquireCore(permitCount));

    private long Now() => time.GetTimestamp() * Fine;

    private long Missing(long now) => Math.Max(0, Volatile.Read(ref _fullAt) - now);

    private TimeSpan Span(long fine) => TimeSpan.FromSeconds((double)fine / Fine / time.TimestampFrequency);

    private sealed class GrantedLease : RateLimitLease
    {
        public override bool IsAcquired => true;

        public override IEnumerable<string> MetadataNames => [];

        public override bool TryGetMetadata(string metadataName, out object? metadata)
        {
            metadata = null;
            return false;
        }
    }

    private sealed class RefusedLease(TimeSpan retryAfter) : RateLimitLease
    {
        public override bool IsAcquired => false;

        public override IEnumerable<string> MetadataNames => [MetadataName.RetryAfter.Name];

        public override bool TryGetMetadata(string metadataName, out object? metadata)
        {
            metadata = metadataName == MetadataName.RetryAfter.Name ? retryAfter : null;
            return metadata is not null;
        }
    }
}
