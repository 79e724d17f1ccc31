using System.Diagnostics;
using Shop.Host.Security;

namespace Mesh.Scenarios.Tests.Samples;

/// <summary>The shop's own judge of what an operator denied: it must find what went wrong.</summary>
public sealed class DenialJudgeTests
{
    private readonly DenialJudge _judge = new();

    [Fact]
    public void Calls_AsTheOperatorWanted_AreNoFailures()
    {
        _judge.Deny();
        _judge.OnPassed(isOnEdge: true, After(0.5));
        Assert.True(_judge.OnDenied(isOnEdge: true, After(0.6)));
        _judge.OnPassed(isOnEdge: false, After(30));
        _judge.Allow();
        Assert.True(_judge.OnDenied(isOnEdge: true, After(0.5)));
        _judge.OnPassed(isOnEdge: true, After(30));

        var report = _judge.Report("a -> b")!;
        Assert.True(report.IsGood, $"{report}");
        Assert.Equal(2, report.Denied);
        Assert.InRange(report.DeniedWithinMs, 500, 900);
    }

    [Theory]
    [InlineData("passed a second after the denial")]
    [InlineData("denied a second after it was allowed")]
    [InlineData("another edge was denied")]
    [InlineData("denied before anything was")]
    [InlineData("nothing was denied")]
    [InlineData("never allowed again")]
    public void Calls_OtherThanTheOperatorWanted_AreFound(string what)
    {
        if (what == "denied before anything was")
        {
            Assert.False(_judge.OnDenied(isOnEdge: true, After(0)));
        }

        _judge.Deny();
        if (what != "nothing was denied")
        {
            Assert.True(_judge.OnDenied(isOnEdge: true, After(0.1)));
        }

        if (what == "passed a second after the denial")
        {
            _judge.OnPassed(isOnEdge: true, After(1.5));
        }
        else if (what == "another edge was denied")
        {
            Assert.False(_judge.OnDenied(isOnEdge: false, After(0.1)));
        }

        if (what != "never allowed again")
        {
            _judge.Allow();
        }

        if (what == "denied a second after it was allowed")
        {
            Assert.False(_judge.OnDenied(isOnEdge: true, After(1.5)));
        }

        Assert.False(_judge.Report("a -> b")!.IsGood);
    }

    private static long After(double seconds) => Stopwatch.GetTimestamp() + (long)(seconds * Stopwatch.Frequency);
}
