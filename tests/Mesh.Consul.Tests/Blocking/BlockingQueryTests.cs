namespace Mesh.Consul.Tests;

public sealed class BlockingQueryTests
{
    private static readonly ConsulException Down = new("connection refused");

    [Fact]
    public async Task Start_FirstRead_AsksForAnAnswerAtOnceAndStale()
    {
        await using var watch = Watch.Start(new BlockingQueryOptions { Datacenter = "dc2" });

        var call = await watch.Read.NextAsync();

        Assert.Equal(0ul, call.Query.Index);
        Assert.Null(call.Query.Wait);
        Assert.Equal(ConsulConsistency.Stale, call.Query.Consistency);
        Assert.Equal("dc2", call.Query.Datacenter);
    }

    [Fact]
    public async Task Answer_WithIndex_IsWaitedUponBrieflyAtFirstAndThenAMinute_WithJitter()
    {
        await using var watch = await Watch.Start(random: 0.5).AnsweredAsync(index: 42);

        var call = await watch.Read.NextAsync();

        Assert.Equal(42ul, call.Query.Index);
        Assert.Equal(6.6 * (1 - (0.5 / 16)), call.Query.Wait!.Value.TotalSeconds, 3);
        Assert.Equal(call.Query.Wait + (call.Query.Wait / 16) + Watch.HangMargin, call.Query.Timeout);
        watch.Clock.Advance(TimeSpan.FromSeconds(7));
        call.Answer(42, "a");
        await watch.Observer.NextAsync();
        Assert.Equal(60 * (1 - (0.5 / 16)), (await watch.Read.NextAsync()).Query.Wait!.Value.TotalSeconds, 3);
    }

    [Fact]
    public async Task Answer_BeforeTheWaitIsOverWithTheSameIndex_IsReadAgainAtOnce()
    {
        await using var watch = await Watch.Start().AnsweredAsync(index: 42);

        (await watch.Read.NextAsync()).Answer(42, "a");
        await watch.Observer.NextAsync();
        var again = await watch.Read.NextAsync();
        Assert.Equal(0ul, again.Query.Index);
        again.Answer(42, "a");
        await watch.Observer.NextAsync();

        Assert.Equal(42ul, (await watch.Read.NextAsync()).Query.Index);
    }

    [Fact]
    public async Task Answer_WithoutIndex_IsWaitedUponAsOne()
    {
        await using var watch = await Watch.Start().AnsweredAsync(index: 0);

        Assert.Equal(1ul, (await watch.Read.NextAsync()).Query.Index);
    }

    [Fact]
    public async Task Changes_InQuickSuccession_AreReadWithoutPause()
    {
        await using var watch = await Watch.Start().AnsweredAsync(index: 10);

        for (var index = 11ul; index < 17; index++)
        {
            (await watch.Read.NextAsync()).Answer(index, $"v{index}");
            var heard = await watch.Observer.NextAsync();
            Assert.Equal((index, BlockingQueryTransition.None), (heard.Response!.Index, heard.Transition));
        }

        Assert.Equal(16ul, (await watch.Read.NextAsync()).Query.Index);
        Assert.Equal(TimeSpan.Zero, watch.Clock.Elapsed);
    }

    [Fact]
    public async Task WakeUps_WithoutChange_SlowDownToOneInFifteenSeconds()
    {
        await using var watch = await Watch.Start(random: 1).AnsweredAsync(index: 10);
        for (var index = 11ul; index < 40; index++)
        {
            (await watch.Read.NextAsync()).Answer(index, "a");
            if (index > 12)
            {
                await watch.PassPauseAsync();
            }
        }

        var before = watch.Clock.Elapsed;
        for (var index = 40ul; index < 50; index++)
        {
            (await watch.Read.NextAsync()).Answer(index, "a");
            await watch.PassPauseAsync();
        }

        var each = (watch.Clock.Elapsed - before) / 10;
        Assert.InRange(each, TimeSpan.FromSeconds(12), TimeSpan.FromSeconds(15));
    }

    [Fact]
    public async Task WakeUps_OfPriorityWatch_NeverDelayAChangeBeyondASecond()
    {
        await using var watch = await Watch
            .Start(new BlockingQueryOptions { Priority = true }, random: 1).AnsweredAsync(index: 10);
        for (var index = 11ul; index < 40; index++)
        {
            (await watch.Read.NextAsync()).Answer(index, "a");
            if (index > 12)
            {
                Assert.InRange(await watch.PassPauseAsync(), TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(1));
            }
        }
    }

    [Fact]
    public async Task WaitEnded_WithoutChange_IsToldAndNotPaced()
    {
        await using var watch = await Watch
            .Start(new BlockingQueryOptions { Wait = TimeSpan.FromSeconds(1) }).AnsweredAsync(index: 10);

        for (var i = 0; i < 20; i++)
        {
            var call = await watch.Read.NextAsync();
            watch.Clock.Advance(call.Query.Wait!.Value);
            call.Answer(10, "a");
            Assert.Equal(BlockingQueryTransition.None, (await watch.Observer.NextAsync()).Transition);
        }

        Assert.Equal(10ul, (await watch.Read.NextAsync()).Query.Index);
    }

    [Fact]
    public async Task Failures_BackOffWithFullJitterThenRecover()
    {
        await using var watch = await Watch.Start(random: 0.5).AnsweredAsync(index: 10);
        var pauses = new List<double>();

        for (var failures = 1; failures <= 7; failures++)
        {
            (await watch.Read.NextAsync()).Fail(Down);
            var heard = await watch.Observer.NextAsync();
            Assert.Equal((Down, failures), (heard.Error, heard.Failures));
            pauses.Add((await watch.PassPauseAsync()).TotalMilliseconds);
        }

        Assert.Equal([250, 500, 1000, 2000, 4000, 7500, 7500], pauses);
        var call = await watch.Read.NextAsync();
        Assert.Equal(0ul, call.Query.Index);
        Assert.Equal(ConsulConsistency.Stale, call.Query.Consistency);
        call.Answer(10, "a");
        Assert.Equal(BlockingQueryTransition.Recovered, (await watch.Observer.NextAsync()).Transition);

        (await watch.Read.NextAsync()).Fail(Down);
        Assert.Equal(1, (await watch.Observer.NextAsync()).Failures);
        Assert.Equal(250, (await watch.PassPauseAsync()).TotalMilliseconds);
    }

    [Fact]
    public async Task FirstAnswer_AfterFailures_IsFirst()
    {
        await using var watch = Watch.Start();
        (await watch.Read.NextAsync()).Fail(Down);
        await watch.Observer.NextAsync();
        await watch.PassPauseAsync();

        await watch.AnsweredAsync();
    }

    [Fact]
    public async Task Index_BackwardsAndConfirmed_IsToldOnceAsRegressed()
    {
        await using var watch = await Watch.Start().AnsweredAsync(index: 100);

        (await watch.Read.NextAsync()).Answer(7, "b");
        var confirm = await watch.Read.NextAsync();
        Assert.Equal((0ul, ConsulConsistency.Consistent), (confirm.Query.Index, confirm.Query.Consistency));
        confirm.Answer(8, "c");

        var heard = await watch.Observer.NextAsync();
        Assert.Equal((BlockingQueryTransition.IndexRegressed, "c"), (heard.Transition, heard.Response!.Value));
        var next = await watch.Read.NextAsync();
        Assert.Equal((8ul, ConsulConsistency.Stale), (next.Query.Index, next.Query.Consistency));
        next.Answer(9, "d");
        Assert.Equal(BlockingQueryTransition.None, (await watch.Observer.NextAsync()).Transition);
    }

    [Fact]
    public async Task Index_BackwardsOnALaggingServerOnly_IsNoRegression()
    {
        await using var watch = await Watch.Start().AnsweredAsync(index: 100);

        (await watch.Read.NextAsync()).Answer(90, "old");
        (await watch.Read.NextAsync()).Answer(101, "new");

        var heard = await watch.Observer.NextAsync();
        Assert.Equal((BlockingQueryTransition.None, "new"), (heard.Transition, heard.Response!.Value));
    }

    [Fact]
    public async Task Index_BackwardsAndNoLeaderToConfirm_IsBelievedWhenSeenAgain()
    {
        await using var watch = await Watch.Start().AnsweredAsync(index: 100);
        (await watch.Read.NextAsync()).Answer(7, "b");
        (await watch.Read.NextAsync()).Fail(Down);
        Assert.Equal(Down, (await watch.Observer.NextAsync()).Error);
        await watch.PassPauseAsync();

        var call = await watch.Read.NextAsync();
        Assert.Equal(ConsulConsistency.Stale, call.Query.Consistency);
        call.Answer(7, "b");

        Assert.Equal(BlockingQueryTransition.IndexRegressed, (await watch.Observer.NextAsync()).Transition);
    }

    [Fact]
    public async Task Silence_BeyondWaitMarginAndBody_IsAFailure()
    {
        await using var watch = await Watch.Start().AnsweredAsync();
        var call = await watch.Read.NextAsync();

        watch.Clock.Advance(call.Query.Timeout!.Value + TimeSpan.FromSeconds(29));
        Assert.False(call.Task.IsCompleted);
        watch.Clock.Advance(TimeSpan.FromSeconds(1));

        var heard = await watch.Observer.NextAsync();
        Assert.Contains("given up", Assert.IsType<ConsulException>(heard.Error).Message, StringComparison.Ordinal);
        Assert.True(call.Task.IsCanceled);
    }

    [Fact]
    public async Task Observer_ThatThrows_GetsTheAnswerAgain()
    {
        await using var watch = Watch.Start();
        var broken = new InvalidOperationException("broken");
        watch.Observer.ThrowOnResult = broken;
        watch.Observer.ThrowOnFailure = broken;

        (await watch.Read.NextAsync()).Answer(10, "a");
        Assert.Equal(broken, (await watch.Observer.NextAsync()).Error);
        await watch.PassPauseAsync();

        await watch.AnsweredAsync();
    }

    [Fact]
    public async Task Run_StartedInsideATrace_TakesNothingOfItAlong()
    {
        var ambient = new AsyncLocal<string> { Value = "caller" };
        var seen = new TaskCompletionSource<string?>();
        using var stop = new CancellationTokenSource();
        var query = new BlockingQuery<string>(
            Watch.Client(1),
            (_, token) =>
            {
                seen.TrySetResult(ambient.Value);
                return Task.Delay(Timeout.InfiniteTimeSpan, token).ContinueWith<ConsulResponse<string>>(
                    _ => throw new OperationCanceledException(token), TaskScheduler.Default);
            },
            new BlockingQueryOptions(),
            TimeProvider.System,
            Random.Shared);

        var running = query.RunAsync(new RecordingObserver<string>(), stop.Token);

        Assert.Null(await seen.Task.WaitAsync(TimeSpan.FromSeconds(20)));
        Assert.Equal("caller", ambient.Value);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public void Options_OutOfRange_AreRefused()
    {
        BlockingQueryOptions[] wrong =
        [
            new() { Wait = TimeSpan.FromMilliseconds(999) },
            new() { Wait = TimeSpan.FromMinutes(11) },
            new() { HangMargin = TimeSpan.Zero },
            new() { BackoffBase = TimeSpan.Zero },
            new() { BackoffBase = TimeSpan.FromSeconds(2), BackoffMax = TimeSpan.FromSeconds(1) },
            new() { PaceMax = TimeSpan.Zero },
        ];
        foreach (var options in wrong)
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => new BlockingQuery<string>(
                Watch.Client(1), new ScriptedRead().ReadAsync, options, TimeProvider.System, Random.Shared));
        }
    }
}
