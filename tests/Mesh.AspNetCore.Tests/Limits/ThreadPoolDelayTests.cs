using Mesh.AspNetCore.Limits;
using Mesh.AspNetCore.Tests.Support;

namespace Mesh.AspNetCore.Tests.Limits;

public sealed class ThreadPoolDelayTests
{
    private readonly Clock _clock = new();

    [Fact]
    public async Task Current_IsTheLesserOfTheLastTwoWaits()
    {
        var delay = new ThreadPoolDelay(_clock);
        Assert.Equal(TimeSpan.Zero, delay.Current);

        // Shown while it lasts; afterwards one long wait may have been a garbage collection.
        _clock.NextTakes(milliseconds: 300);
        delay.Measure();
        await Eventually.TrueAsync(() => delay.Current == TimeSpan.Zero, "the end of the first wait");

        _clock.NextTakes(milliseconds: 200);
        delay.Measure();
        Assert.Equal(TimeSpan.FromMilliseconds(200), delay.Current);

        _clock.NextTakes(milliseconds: 0);
        await Eventually.TrueAsync(
            () =>
            {
                delay.Measure();
                return delay.Current == TimeSpan.Zero;
            },
            "a short wait");
    }

    /// <summary>One look at it is the beginning of a wait, and all that follow are after it.</summary>
    private sealed class Clock : TimeProvider
    {
        private readonly Lock _lock = new();
        private long _now = 1;
        private int _next;

        public override long TimestampFrequency => 1000;

        public void NextTakes(int milliseconds)
        {
            lock (_lock)
            {
                _next = milliseconds;
            }
        }

        public override long GetTimestamp()
        {
            lock (_lock)
            {
                var now = _now;
                _now += _next;
                _next = 0;
                return now;
            }
        }
    }
}
