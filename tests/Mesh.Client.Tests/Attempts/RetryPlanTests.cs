using Mesh.Client.Attempts;
using Mesh.Policy;

namespace Mesh.Client.Tests.Attempts;

public sealed class RetryPlanTests
{
    [Fact]
    public void RetryPlan_OfDefaults_NamesWhatTheRuleNames()
    {
        var plan = new RetryPlan(PolicyDefaults.Retry, switchedOff: false);

        Assert.Equal(2, plan.MaxAttempts);
        Assert.Equal([502, 503], Enumerable.Range(0, 1000).Where(plan.NamesStatus));
        Assert.Equal([14], Enumerable.Range(-5, 100).Where(plan.NamesGrpcStatus));
        Assert.True(plan.Names(RetryConditions.Connect));
        Assert.True(plan.Names(RetryConditions.Reset));
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public void RetryPlan_SwitchedOffOrDisabled_NamesNothing(bool enabled, bool switchedOff)
    {
        var plan = new RetryPlan(PolicyDefaults.Retry with { Enabled = enabled }, switchedOff);

        Assert.False(plan.Enabled);
        Assert.Equal(1, plan.MaxAttempts);
        Assert.False(plan.NamesStatus(503));
        Assert.False(plan.NamesGrpcStatus(14));
        Assert.False(plan.Names(RetryConditions.Connect));
    }

    [Fact]
    public void RetryPlan_CodesOutOfRange_AreIgnored()
    {
        var plan = new RetryPlan(PolicyDefaults.Retry with { StatusCodes = [-1, 640, 599], GrpcStatuses = [-1, 32] }, false);

        Assert.Equal([599], Enumerable.Range(-10, 1000).Where(plan.NamesStatus));
        Assert.DoesNotContain(Enumerable.Range(-10, 100), plan.NamesGrpcStatus);
    }
}
