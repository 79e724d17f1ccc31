using Mesh.AspNetCore.Limits;

namespace Mesh.AspNetCore.Tests.Limits;

public sealed class GradientLimitTests
{
    private const double Good = 0.010;

    private static readonly TimeSpan Window = TimeSpan.FromMilliseconds(100);

    [Fact]
    public void Baseline_OfRequestsThatWaited_LearnsNothing()
    {
        var limit = new GradientLimit(min: 2, max: 1000);
        Learn(limit, Good, busy: true, windows: 10);
        Assert.Equal(Good, limit.Baseline, 0.0001);

        // Fewer windows than before a trial, and above the lowest limit, where it would have to learn.
        Learn(limit, 10 * Good, busy: true, windows: 8);
        Assert.True(limit.Current > 2);
        Assert.Equal(Good, limit.Baseline, 0.0001);
    }

    [Theory]
    [InlineData(true, 20)] // At the lowest limit, latency is what it is.
    [InlineData(false, 1000)] // Nobody is held back.
    public void Baseline_OfRequestsThatDidNotWait_RisesSlowly(bool busy, int max)
    {
        var limit = new GradientLimit(min: 20, max);
        Learn(limit, Good, busy: false, windows: 10);

        Learn(limit, 2 * Good, busy, windows: 1);
        Assert.InRange(limit.Baseline, 1.01 * Good, 1.1 * Good);
        Learn(limit, 2 * Good, busy, windows: 200);
        Assert.Equal(2 * Good, limit.Baseline, 0.001);
    }

    /// <summary>As many get done under every limit.</summary>
    private static void Learn(GradientLimit limit, double latency, bool busy, int windows)
    {
        for (var i = 0; i < windows; i++)
        {
            limit.Learn(new MeasuredWindow(latency, Count: 100, busy ? limit.Current : 1, TimeSpan.Zero, Window));
        }
    }
}
