using Mesh.Client.Attempts;
using Mesh.Client.Tests.Support;

namespace Mesh.Client.Tests.Balancing;

public sealed class PeakEwmaBalancerTests : BalancerContract
{
    protected override string Algorithm => "peak-ewma";

    [Fact]
    public void Pick_OfTwo_PrefersTheFaster()
    {
        using var mesh = new UpstreamFixture().With("fast", "slow");
        AnswerOnce(mesh, "fast", "slow");
        Took(mesh, "fast", 10, AttemptOutcome.Success);
        Took(mesh, "slow", 100, AttemptOutcome.Success);

        Assert.Equal(100, Count(mesh, "fast", picks: 100));
    }

    [Fact]
    public void Pick_AfterAFirstAnswerThatHeldConnectAndCompilation_HoldsNothingAgainstTheEndpoint()
    {
        using var mesh = new UpstreamFixture().With("a", "b");
        Took(mesh, "a", 1000, AttemptOutcome.Success);
        Took(mesh, "b", 60, AttemptOutcome.Success);
        Took(mesh, "a", 2, AttemptOutcome.Success);
        Took(mesh, "b", 2, AttemptOutcome.Success);

        Assert.InRange(Count(mesh, "a", picks: 1000), 400, 600);
    }

    [Fact]
    public void Pick_OfTwo_GoesToTheSlowerOnceTheFasterIsBusyEnough()
    {
        using var mesh = new UpstreamFixture().With("fast", "slow");
        AnswerOnce(mesh, "fast", "slow");
        Took(mesh, "fast", 10, AttemptOutcome.Success);
        Took(mesh, "slow", 100, AttemptOutcome.Success);
        for (var i = 0; i < 20; i++)
        {
            mesh["fast"].Begin();
        }

        Assert.Equal(0, Count(mesh, "fast", picks: 100));
    }

    [Fact]
    public void Pick_WithLatenciesThatDifferByNoise_SpreadsEvenly()
    {
        using var mesh = new UpstreamFixture().With("a", "b");
        AnswerOnce(mesh, "a", "b");
        Took(mesh, "a", 10, AttemptOutcome.Success);
        Took(mesh, "b", 12, AttemptOutcome.Success);

        Assert.InRange(Count(mesh, "a", picks: 1000), 420, 580);
    }

    [Fact]
    public void Pick_OfAnEndpointOfWhichNothingIsKnown_SendsOneCallToFindOut()
    {
        using var mesh = new UpstreamFixture().With("known", "new");
        AnswerOnce(mesh, "known");
        Took(mesh, "known", 10, AttemptOutcome.Success);

        Assert.Same(mesh["new"], mesh.Pick());
        mesh["new"].Begin();
        Assert.Equal(100, Count(mesh, "known", picks: 100));
    }

    [Theory]
    [InlineData(nameof(AttemptOutcome.GatewayError))]
    [InlineData(nameof(AttemptOutcome.ServerError))]
    [InlineData(nameof(AttemptOutcome.Overloaded))]
    [InlineData(nameof(AttemptOutcome.Reset))]
    [InlineData(nameof(AttemptOutcome.ConnectFailed))]
    public void Pick_OfAHostThatFailsFast_IsNotDrawnToIt(string outcome)
    {
        using var mesh = new UpstreamFixture().WithPolicy(p => p with { Outlier = p.Outlier with { Enabled = false } })
            .With("good", "broken");
        AnswerOnce(mesh, "good");
        Took(mesh, "good", 50, AttemptOutcome.Success);
        Took(mesh, "broken", 1, Enum.Parse<AttemptOutcome>(outcome));

        Assert.Equal(100, Count(mesh, "good", picks: 100));
    }

    [Fact]
    public void Pick_OfABusyHostThatBeginsToFailFast_LeavesItAfterAFewFailures()
    {
        using var mesh = new UpstreamFixture().WithPolicy(p => p with { Outlier = p.Outlier with { Enabled = false } })
            .With("good", "breaking");
        for (var i = 0; i < 40; i++)
        {
            Took(mesh, "good", 20, AttemptOutcome.Success);
            Took(mesh, "breaking", 20, AttemptOutcome.Success);
        }

        var failures = 0;
        for (var i = 0; i < 1000; i++)
        {
            var endpoint = mesh.Pick()!;
            var fails = endpoint.Id == "breaking";
            failures += fails ? 1 : 0;
            Took(mesh, endpoint.Id, fails ? 1 : 20, fails ? AttemptOutcome.GatewayError : AttemptOutcome.Success);
        }

        // 21 s of calls: without a penalty it would have taken nearly all of them.
        Assert.InRange(failures, 1, 20);
    }

    [Fact]
    public void Pick_AfterOneFailureInManyAnswers_DoesNotShunTheEndpointForLong()
    {
        using var mesh = new UpstreamFixture().With("a", "b");
        for (var i = 0; i < 40; i++)
        {
            Took(mesh, "a", 20, AttemptOutcome.Success);
            Took(mesh, "b", 20, AttemptOutcome.Success);
        }

        Took(mesh, "a", 1, AttemptOutcome.GatewayError);
        for (var i = 0; i < 10; i++)
        {
            mesh["b"].Begin();
        }

        // Ten calls in flight on the other make up for it; with the full penalty of 5 s a thousand would not.
        Assert.Equal(0, Count(mesh, "b", picks: 100));
    }

    [Fact]
    public void Pick_WhileAnEndpointAskedToBeSpared_SparesIt()
    {
        using var mesh = new UpstreamFixture().With("a", "b");
        for (var i = 0; i < 40; i++)
        {
            Took(mesh, "a", 20, AttemptOutcome.Success);
            Took(mesh, "b", 20, AttemptOutcome.Success);
        }

        mesh.Answer(mesh["a"], AttemptOutcome.Overloaded, retryAfter: TimeSpan.FromSeconds(20));
        mesh.Time.Advance(TimeSpan.FromSeconds(20));
        Took(mesh, "b", 20, AttemptOutcome.Success);

        Assert.Equal(100, Count(mesh, "b", picks: 100));
    }

    [Fact]
    public void Pick_LongAfterAnEndpointAskedToBeSparedForADay_UsesItAgain()
    {
        using var mesh = new UpstreamFixture().With("a", "b");
        AnswerOnce(mesh, "a", "b");
        Took(mesh, "b", 20, AttemptOutcome.Success);
        mesh.Answer(mesh["a"], AttemptOutcome.Overloaded, retryAfter: TimeSpan.FromDays(1));
        Assert.Equal(0, Count(mesh, "a", picks: 100));

        mesh.Time.Advance(TimeSpan.FromMinutes(5));

        Assert.InRange(Count(mesh, "a", picks: 1000), 400, 1000);
    }

    [Fact]
    public void Pick_OfAPunishedEndpointNobodyCalled_ComesBackByItself()
    {
        using var mesh = new UpstreamFixture().With("a", "b");
        AnswerOnce(mesh, "a", "b");
        Took(mesh, "a", 5_000, AttemptOutcome.Success);
        for (var i = 0; i < 100; i++)
        {
            mesh.Time.Advance(TimeSpan.FromSeconds(1));
            Took(mesh, "b", 20, AttemptOutcome.Success);
        }

        Assert.InRange(Count(mesh, "a", picks: 100), 30, 100);
    }

    [Fact]
    public void Observe_ACallThatWasGivenUp_CountsAsSlowButNeverAsFast()
    {
        using var mesh = new UpstreamFixture().With("a", "b");
        AnswerOnce(mesh, "a", "b");
        Took(mesh, "a", 100, AttemptOutcome.Success);
        Took(mesh, "b", 100, AttemptOutcome.Success);
        mesh.Time.Advance(TimeSpan.FromMilliseconds(50));
        Took(mesh, "b", 1, AttemptOutcome.Cancelled);
        Assert.InRange(Count(mesh, "a", picks: 1000), 400, 600);

        Took(mesh, "b", 900, AttemptOutcome.Cancelled);
        Assert.Equal(1000, Count(mesh, "a", picks: 1000));
    }

    private static void Took(UpstreamFixture mesh, string id, int milliseconds, AttemptOutcome outcome)
    {
        var endpoint = mesh[id];
        var started = mesh.Time.GetTimestamp();
        endpoint.Begin();
        mesh.Time.Advance(TimeSpan.FromMilliseconds(milliseconds));
        endpoint.Observe(started, mesh.Time.GetTimestamp(), outcome);
        endpoint.End();
    }

    /// <summary>The first answer of an endpoint, which says nothing of its speed.</summary>
    private static void AnswerOnce(UpstreamFixture mesh, params string[] ids) =>
        Array.ForEach(ids, id => Took(mesh, id, 1, AttemptOutcome.Success));

    private static int Count(UpstreamFixture mesh, string id, int picks) =>
        Enumerable.Range(0, picks).Count(_ => mesh.Pick()!.Id == id);
}
