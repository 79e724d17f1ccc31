using Mesh.Client.Attempts;
using Mesh.Testing;

namespace Mesh.Client.Tests.Attempts;

public sealed class AttemptDeadlineTests
{
    private readonly ManualTimeProvider _time = new();

    [Theory]
    [InlineData(10, 20, "Attempt")]
    [InlineData(20, 10, "Total")]
    [InlineData(10, 10, "Total")]
    public void Arm_TimePasses_CancelsForTheFirstThatIsDue(int attempt, int total, string cause)
    {
        using var deadline = new AttemptDeadline(_time, () => true);
        var token = deadline.Token;
        deadline.Arm(In(attempt), In(total), default);

        _time.Advance(TimeSpan.FromSeconds(9.9));
        Assert.False(token.IsCancellationRequested);
        _time.Advance(TimeSpan.FromSeconds(0.1));

        Assert.True(token.IsCancellationRequested);
        Assert.Equal(cause, deadline.Disarm().ToString());
        Assert.False(deadline.Token.IsCancellationRequested);
    }

    [Fact]
    public void Arm_NoOtherAttemptMayFollow_OnlyTheTotalCancels()
    {
        using var deadline = new AttemptDeadline(_time, () => false);
        var token = deadline.Token;
        deadline.Arm(In(1), In(5), default);

        _time.Advance(TimeSpan.FromSeconds(4));
        Assert.False(token.IsCancellationRequested);
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.True(token.IsCancellationRequested);
        Assert.Equal(DeadlineCause.Total, deadline.Disarm());
    }

    [Fact]
    public void Disarm_ThenTimePasses_NothingHappens_AndTheTokenIsUsedAgain()
    {
        using var deadline = new AttemptDeadline(_time, () => true);
        var token = deadline.Token;
        deadline.Arm(In(1), In(1), default);

        Assert.Equal(DeadlineCause.None, deadline.Disarm());
        _time.Advance(TimeSpan.FromMinutes(1));

        Assert.False(token.IsCancellationRequested);
        Assert.Equal(token, deadline.Token);
        Assert.Equal(0, _time.ArmedTimers);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(60)]
    public void Arm_TimerOfAnEarlierUseStillRuns_CancelsInItsOwnTime(int due)
    {
        using var deadline = new AttemptDeadline(_time, () => true);
        _ = deadline.Token;
        deadline.Arm(In(5), AttemptDeadline.Never, default);
        deadline.Disarm();
        var token = deadline.Token;
        deadline.Arm(AttemptDeadline.Never, In(due), default);

        _time.Advance(TimeSpan.FromSeconds(due - 0.001));
        Assert.False(token.IsCancellationRequested);
        _time.Advance(TimeSpan.FromSeconds(0.001));

        Assert.True(token.IsCancellationRequested);
        Assert.Equal(DeadlineCause.Total, deadline.Disarm());
    }

    [Fact]
    public async Task Arm_AgainWhileTimersFire_IsNeverForgotten()
    {
        // Real timers: a use that ends as the timer fires, then one that waits for its own end.
        using var deadline = new AttemptDeadline(TimeProvider.System, () => true);
        var millisecond = TimeProvider.System.TimestampFrequency / 1000;
        for (var i = 0; i < 300; i++)
        {
            _ = deadline.Token;
            deadline.Arm(TimeProvider.System.GetTimestamp() + (millisecond * (i % 3)), AttemptDeadline.Never, default);
            Thread.SpinWait(i * 37 % 4000);
            deadline.Disarm();

            var over = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            using var ended = deadline.Token.Register(over.SetResult);
            deadline.Arm(TimeProvider.System.GetTimestamp() + (millisecond * (i % 4)), AttemptDeadline.Never, default);
            await over.Task.WaitAsync(TimeSpan.FromSeconds(30));
            Assert.Equal(DeadlineCause.Attempt, deadline.Disarm());
        }
    }

    [Fact]
    public void Arm_CallerCancels_TokenIsCancelled_AndNotUsedAgain()
    {
        using var deadline = new AttemptDeadline(_time, () => true);
        using var caller = new CancellationTokenSource();
        var token = deadline.Token;
        deadline.Arm(AttemptDeadline.Never, AttemptDeadline.Never, caller.Token);

        caller.Cancel();

        Assert.True(token.IsCancellationRequested);
        Assert.Equal(DeadlineCause.None, deadline.Disarm());
        Assert.NotEqual(token, deadline.Token);
    }

    [Fact]
    public void Release_TheTokenStaysWithTheCaller_UntilWhatIsReturnedIsDisposed()
    {
        using var deadline = new AttemptDeadline(_time, () => true);
        using var caller = new CancellationTokenSource();
        var first = deadline.Token;
        deadline.Arm(In(1), In(1), caller.Token);
        using var tie = deadline.Release(out var cause);
        var second = deadline.Token;

        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.False(first.IsCancellationRequested);
        caller.Cancel();

        Assert.Equal(DeadlineCause.None, cause);
        Assert.True(first.IsCancellationRequested);
        Assert.False(second.IsCancellationRequested);
    }

    [Fact]
    public async Task Arm_OverAndOverAgainstTimersThatFireLate_NeverCancelsAnotherUse()
    {
        // Real timers at their shortest, ended as they fire: whatever the race, a use whose deadline is an hour away is
        // never cancelled, and a use that is cancelled says so.
        using var deadline = new AttemptDeadline(TimeProvider.System, () => true);
        for (var i = 0; i < 3000; i++)
        {
            var brief = deadline.Token;
            deadline.Arm(Now(), AttemptDeadline.Never, default);
            if (i % 3 == 0)
            {
                await Task.Yield();
            }

            Thread.SpinWait(i % 100 * 20);
            var cause = deadline.Disarm();
            Assert.True(cause == DeadlineCause.Attempt || !brief.IsCancellationRequested);

            var lasting = deadline.Token;
            deadline.Arm(AttemptDeadline.Never, Now() + (3600 * TimeProvider.System.TimestampFrequency), default);
            Thread.SpinWait(200);
            Assert.False(lasting.IsCancellationRequested);
            Assert.Equal(DeadlineCause.None, deadline.Disarm());
        }

        static long Now() => TimeProvider.System.GetTimestamp();
    }

    [Fact]
    public void ArmAndDisarm_AllocateNothing()
    {
        using var deadline = new AttemptDeadline(TimeProvider.System, () => true);
        using var caller = new CancellationTokenSource();
        Use();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            Use();
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 0);

        void Use()
        {
            _ = deadline.Token;
            deadline.Arm(
                TimeProvider.System.GetTimestamp() + (60 * TimeProvider.System.TimestampFrequency),
                AttemptDeadline.Never,
                caller.Token);
            deadline.Disarm();
        }
    }

    private long In(int seconds) => _time.GetTimestamp() + (seconds * _time.TimestampFrequency);
}
