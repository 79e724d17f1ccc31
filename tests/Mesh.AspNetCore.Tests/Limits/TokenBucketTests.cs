using System.Threading.RateLimiting;
using Mesh.AspNetCore.Limits;
using Mesh.Testing;

namespace Mesh.AspNetCore.Tests.Limits;

public sealed class TokenBucketTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public void Bucket_GivesWhatItHolds_ThenWhatItGains()
    {
        using var bucket = Bucket(permits: 10, seconds: 1, burst: 3);

        Assert.Equal([true, true, true, false], Take(bucket, 4));
        _time.Advance(TimeSpan.FromMilliseconds(99));
        Assert.Equal([false], Take(bucket, 1));
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal([true, false], Take(bucket, 2));
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal([true, true, true, false], Take(bucket, 4));
    }

    [Theory]
    [InlineData(1, 60)]
    [InlineData(10, 1)]
    [InlineData(7, 3)]
    [InlineData(1_000_000, 1)]
    public void OverTime_ItGivesItsRateAndNoMore(int permits, int seconds)
    {
        using var bucket = Bucket(permits, seconds, burst: 2);
        var step = TimeSpan.FromTicks(Math.Max(1, TimeSpan.TicksPerSecond * seconds / permits / 3));
        var steps = 3 * Math.Min(permits, 10_000) * 2;
        var given = 0;
        for (var i = 0; i < steps; i++)
        {
            given += bucket.TryTake(out _) ? 1 : 0;
            _time.Advance(step);
        }

        var expected = steps * step.TotalSeconds * permits / seconds;
        Assert.InRange(given, expected * 0.98 - 1, expected * 1.001 + 2);
    }

    [Fact]
    public void RetryAfter_IsWhenThereIsAToken()
    {
        using var bucket = Bucket(permits: 2, seconds: 1, burst: 1);
        Assert.True(bucket.TryTake(out _));
        _time.Advance(TimeSpan.FromMilliseconds(100));

        Assert.False(bucket.TryTake(out var retryAfter));

        Assert.Equal(400, retryAfter.TotalMilliseconds, 1);
        using var lease = bucket.AttemptAcquire();
        Assert.False(lease.IsAcquired);
        Assert.True(lease.TryGetMetadata(MetadataName.RetryAfter, out var told));
        Assert.Equal(retryAfter, told);
        _time.Advance(retryAfter);
        Assert.True(bucket.TryTake(out _));
    }

    [Fact]
    public void ReturnedToken_IsThereAgain()
    {
        using var bucket = Bucket(permits: 1, seconds: 60, burst: 2);
        Take(bucket, 2);
        Assert.Equal(0, bucket.Available);
        Assert.Null(bucket.IdleDuration);

        bucket.Return();

        Assert.Equal(1, bucket.Available);
        Assert.Equal([true, false], Take(bucket, 2));
        Assert.Equal(TimeSpan.FromMinutes(2), bucket.FullIn);
    }

    [Fact]
    public async Task ManyAtOnce_TakeWhatThereIs()
    {
        using var bucket = Bucket(permits: 1, seconds: 60, burst: 1000);
        var taken = await Task.WhenAll(
            Enumerable.Range(0, 4).Select(_ => Task.Run(() => Take(bucket, 500).Count(t => t))));

        Assert.Equal(1000, taken.Sum());
    }

    [Fact]
    public void MadeUpCallers_CostNoMoreThanTheBound_AndIdleOnesMakeRoom()
    {
        var buckets = new CallerBuckets(() => Bucket(permits: 1, seconds: 1, burst: 1), most: 10);
        for (var i = 0; i < 1000; i++)
        {
            buckets.Of($"caller-{i}").TryTake(out _);
        }

        Assert.Equal(10, buckets.Count);
        Assert.Same(buckets.Of("new-1"), buckets.Of("new-2"));
        _time.Advance(TimeSpan.FromSeconds(2));

        Assert.NotSame(buckets.Of("new-1"), buckets.Of("new-2"));
        Assert.Equal(2, buckets.Count);
    }

    private static bool[] Take(TokenBucket bucket, int times) =>
        [.. Enumerable.Range(0, times).Select(_ => bucket.TryTake(out var _))];

    private TokenBucket Bucket(int permits, int seconds, int burst) =>
        new(permits, TimeSpan.FromSeconds(seconds), burst, _time);
}
