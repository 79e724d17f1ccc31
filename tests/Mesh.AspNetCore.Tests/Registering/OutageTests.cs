using Mesh.AspNetCore.Registering;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.AspNetCore.Tests.Registering;

public sealed class OutageTests
{
    private readonly Clock _time = new();

    [Fact]
    public void Continues_SpeaksAtFirst_AndOnceAMinute()
    {
        var outage = new Outage(_time, new Random(1));

        Assert.True(outage.Continues());
        Assert.False(outage.Continues());
        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.False(outage.Continues());
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(outage.Continues());
    }

    [Fact]
    public void Ends_IsTrueOnlyAfterTrouble_AndStartsAnew()
    {
        var outage = new Outage(_time, new Random(1));

        Assert.False(outage.Ends());
        outage.Continues();
        Assert.True(outage.Ends());
        Assert.False(outage.Ends());
        Assert.True(outage.Continues());
    }

    [Fact]
    public void Pause_DoublesUpToItsBound_AndIsNeverBelowHalf()
    {
        var outage = new Outage(_time, new Random(1));
        var most = TimeSpan.FromSeconds(5);
        double[] expected = [500, 1000, 2000, 4000, 5000, 5000];
        foreach (var milliseconds in expected)
        {
            outage.Continues();
            Assert.InRange(outage.Pause(most).TotalMilliseconds, milliseconds / 2, milliseconds);
        }

        for (var i = 0; i < 100; i++)
        {
            outage.Continues();
        }

        Assert.InRange(outage.Pause(most).TotalMilliseconds, 2500, 5000);
    }

    private sealed class Clock : TimeProvider
    {
        private long _now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _now;

        public void Advance(TimeSpan by) => _now += by.Ticks;
    }
}
