using Mesh.Client.Attempts;
using Mesh.Policy;

namespace Mesh.Client.Tests.Attempts;

public sealed class TimeoutPlanTests
{
    [Theory]
    [InlineData(null, 5000)]
    [InlineData(3000, 1000)]
    [InlineData(60_000, 5000)]
    public void Attempt_NotWritten_IsAThirdOfTheTotalButCapped(int? totalMs, int expectedMs)
    {
        var plan = new TimeoutPlan(PolicyDefaults.Timeout, switchedOff: false);
        TimeSpan? total = totalMs is { } ms ? TimeSpan.FromMilliseconds(ms) : null;

        Assert.Equal(TimeSpan.FromMilliseconds(expectedMs), plan.Attempt(total));
    }

    [Fact]
    public void Attempt_Written_Holds()
    {
        var rule = PolicyDefaults.Timeout with { Attempt = TimeSpan.FromSeconds(20) };

        Assert.Equal(TimeSpan.FromSeconds(20), new TimeoutPlan(rule, false).Attempt(TimeSpan.FromSeconds(3)));
    }

    [Fact]
    public void TimeoutPlan_SwitchedOff_LimitsNothing()
    {
        var rule = PolicyDefaults.Timeout with { Total = TimeSpan.FromSeconds(1), Idle = TimeSpan.FromSeconds(1) };
        var plan = new TimeoutPlan(rule, switchedOff: true);

        Assert.Null(plan.Total);
        Assert.Null(plan.Idle);
        Assert.False(plan.LimitsAttempts);
    }
}
