using System.Globalization;
using Mesh.Client.Telemetry;
using Mesh.Testing;

namespace Mesh.Client.Tests.Telemetry;

public sealed class LogLimiterTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public void AFlood_IsCutToTheLimit_AndTheNextLineTellsTheRest()
    {
        var limiter = new LogLimiter(_time);
        var written = Enumerable.Range(0, 492).Count(_ => limiter.MayWrite(MeshReasons.Reset, out var none) && none == "");
        Assert.Equal(10, written);

        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.True(limiter.MayWrite(MeshReasons.Reset, out var more));
        Assert.Equal(" (and 482 more in the last 10 s)", more);

        Assert.True(limiter.MayWrite(MeshReasons.Reset, out more));
        Assert.Equal("", more);
    }

    [Fact]
    public void OneReason_LeavesRoomForOthers_UntilAllIsUsed()
    {
        var limiter = new LogLimiter(_time, most: 10, mostOfAll: 20);
        var written = Floods(limiter, MeshReasons.Reset, MeshReasons.Deadline, MeshReasons.Refused);
        Assert.Equal([10, 10, 0], written);

        // What was held back for want of room is told with its own reason.
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(limiter.MayWrite(MeshReasons.Refused, out var more));
        Assert.Equal(" (and 1000 more in the last 1 s)", more);
    }

    [Fact]
    public void TheWallClock_SetBackAnHour_OpensAndClosesNothing()
    {
        var limiter = new LogLimiter(_time);
        Assert.Equal([10], Floods(limiter, MeshReasons.Reset));
        _time.ShiftUtc(TimeSpan.FromHours(-1));
        Assert.Equal([0], Floods(limiter, MeshReasons.Reset));
        _time.ShiftUtc(TimeSpan.FromHours(2));
        Assert.Equal([0], Floods(limiter, MeshReasons.Reset));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal([10], Floods(limiter, MeshReasons.Reset));
    }

    [Fact]
    public void AWindow_MayBeAMinute()
    {
        var limiter = new LogLimiter(_time, most: 1, window: TimeSpan.FromMinutes(1));
        var written = new List<int>();
        for (var second = 0; second < 150; second++)
        {
            if (limiter.MayWrite(MeshReasons.Acl, out _))
            {
                written.Add(second);
            }

            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal([0, 60, 120], written);
    }

    [Fact]
    public async Task ManyThreads_WriteNoMoreThanTheLimit_AndLoseNoCount()
    {
        var limiter = new LogLimiter(_time);
        var written = 0;
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 10_000; i++)
            {
                if (limiter.MayWrite(MeshReasons.Reset, out var _))
                {
                    Interlocked.Increment(ref written);
                }
            }
        })));

        Assert.Equal(10, written);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(limiter.MayWrite(MeshReasons.Reset, out var more));
        Assert.Contains(39_990.ToString(CultureInfo.InvariantCulture), more, StringComparison.Ordinal);
    }

    private static int[] Floods(LogLimiter limiter, params string[] reasons) =>
        [.. reasons.Select(reason => Enumerable.Range(0, 1000).Count(_ => limiter.MayWrite(reason, out var _)))];
}
