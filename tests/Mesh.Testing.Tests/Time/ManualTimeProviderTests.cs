namespace Mesh.Testing.Tests.Time;

public sealed class ManualTimeProviderTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private readonly ManualTimeProvider _time = new(new DateTimeOffset(2030, 1, 1, 2, 0, 0, TimeSpan.FromHours(2)));

    [Fact]
    public void Clock_NotAdvanced_StandsStill()
    {
        Assert.Equal(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero), _time.GetUtcNow());
        Assert.Equal(TimeSpan.Zero, _time.GetUtcNow().Offset);
        Assert.Equal(_time.GetTimestamp(), _time.GetTimestamp());
        Assert.NotEqual(0, _time.GetTimestamp());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(12_345_678_901)]
    [InlineData(315_360_000_000_000)] // a year
    public void Advance_AnySpan_ElapsedTimeIsExact(long ticks)
    {
        var start = _time.GetTimestamp();
        var utc = _time.GetUtcNow();

        _time.Advance(TimeSpan.FromTicks(ticks));

        Assert.Equal(TimeSpan.FromTicks(ticks), _time.GetElapsedTime(start));
        Assert.Equal(utc.AddTicks(ticks), _time.GetUtcNow());
    }

    [Fact]
    public void Timestamp_TakenForTicksOrStopwatchUnits_IsVisiblyWrong()
    {
        var start = _time.GetTimestamp();
        _time.Advance(Second);
        var difference = _time.GetTimestamp() - start;

        Assert.NotEqual(TimeSpan.TicksPerSecond, difference);
        Assert.NotEqual(System.Diagnostics.Stopwatch.Frequency, difference);
        Assert.Equal(_time.TimestampFrequency, difference);
    }

    [Fact]
    public void Advance_Backwards_Throws() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => _time.Advance(TimeSpan.FromTicks(-1)));

    [Fact]
    public void Timer_DueLater_FiresOnceAtItsTime()
    {
        var fired = new List<DateTimeOffset>();
        var start = _time.GetUtcNow();
        using var timer = _time.CreateTimer(_ => fired.Add(_time.GetUtcNow()), null, Second, Timeout.InfiniteTimeSpan);

        _time.Advance(Second - TimeSpan.FromTicks(1));
        Assert.Empty(fired);
        _time.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal([start + Second], fired);
        Assert.Equal(0, _time.ArmedTimers);
    }

    [Fact]
    public void Timer_DueNow_FiresAtTheNextAdvanceOfZero()
    {
        var fired = 0;
        using var timer = _time.CreateTimer(_ => fired++, null, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        Assert.Equal(0, fired);

        _time.Advance(TimeSpan.Zero);

        Assert.Equal(1, fired);
    }

    [Fact]
    public void Timers_SeveralInOneAdvance_FireInOrderOfDueTimeThenOfArming()
    {
        var order = new List<string>();
        using var late = Timer("late", 3);
        using var first = Timer("first", 1);
        using var tieA = Timer("tie a", 2);
        using var tieB = Timer("tie b", 2);

        _time.Advance(TimeSpan.FromSeconds(3));

        Assert.Equal(["first", "tie a", "tie b", "late"], order);

        ITimer Timer(string name, int seconds) => _time.CreateTimer(
            _ => order.Add(name), null, TimeSpan.FromSeconds(seconds), Timeout.InfiniteTimeSpan);
    }

    [Fact]
    public void PeriodicTimer_OneLongAdvance_FiresEveryPeriod()
    {
        var fired = new List<TimeSpan>();
        var start = _time.GetTimestamp();
        using var timer = _time.CreateTimer(
            _ => fired.Add(_time.GetElapsedTime(start)), null, Second, TimeSpan.FromSeconds(2));

        _time.Advance(TimeSpan.FromSeconds(6));

        Assert.Equal([Second, 3 * Second, 5 * Second], fired);
        Assert.Equal(Second, _time.NextTimerIn);
    }

    [Fact]
    public void Timer_RearmedByItsOwnCallback_FiresAgainInTheSameAdvance()
    {
        var fired = new List<TimeSpan>();
        var start = _time.GetTimestamp();
        ITimer? timer = null;
        timer = _time.CreateTimer(
            _ =>
            {
                fired.Add(_time.GetElapsedTime(start));
                timer!.Change(fired.Count * Second, Timeout.InfiniteTimeSpan);
            },
            null,
            Second,
            Timeout.InfiniteTimeSpan);

        _time.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal([Second, 2 * Second, 4 * Second], fired);
        timer.Dispose();
    }

    [Fact]
    public void Timer_DisposedByAnotherCallback_DoesNotFire()
    {
        var fired = false;
        var victim = _time.CreateTimer(_ => fired = true, null, 2 * Second, Second);
        using var killer = _time.CreateTimer(_ => victim.Dispose(), null, Second, Timeout.InfiniteTimeSpan);

        _time.Advance(10 * Second);

        Assert.False(fired);
        Assert.False(victim.Change(Second, Second));
    }

    [Fact]
    public void Timer_ChangedToInfinite_IsDisarmed()
    {
        using var timer = _time.CreateTimer(_ => Assert.Fail("fired"), null, Second, Second);

        Assert.True(timer.Change(Timeout.InfiniteTimeSpan, Second));
        _time.Advance(10 * Second);

        Assert.Null(_time.NextTimerIn);
    }

    [Theory]
    [InlineData(-2)]
    [InlineData(4294967295)]
    public void Timer_TimeOutsideTheSystemsBounds_Throws(long milliseconds)
    {
        var span = TimeSpan.FromMilliseconds(milliseconds);
        Assert.Throws<ArgumentOutOfRangeException>(() => _time.CreateTimer(_ => { }, null, span, Second));
        Assert.Throws<ArgumentOutOfRangeException>(() => _time.CreateTimer(_ => { }, null, Second, span));
    }

    [Fact]
    public void Callback_Throws_ComesOutOfAdvanceAndTheClockGoesOn()
    {
        using var bad = _time.CreateTimer(_ => throw new FormatException(), null, Second, Timeout.InfiniteTimeSpan);
        var fired = false;
        using var good = _time.CreateTimer(_ => fired = true, null, 2 * Second, Timeout.InfiniteTimeSpan);
        var start = _time.GetTimestamp();

        Assert.Throws<FormatException>(() => _time.Advance(3 * Second));
        Assert.Equal(Second, _time.GetElapsedTime(start));
        _time.Advance(Second);

        Assert.True(fired);
    }

    [Fact]
    public void Callback_AdvancesTheClock_NeverGoesBack()
    {
        var start = _time.GetTimestamp();
        using var timer = _time.CreateTimer(_ => _time.Advance(10 * Second), null, Second, Timeout.InfiniteTimeSpan);

        _time.Advance(2 * Second);

        Assert.Equal(11 * Second, _time.GetElapsedTime(start));
    }

    [Fact]
    public void Callback_OfATimer_RunsInItsCreatorsContextUnlessSuppressed()
    {
        var ambient = new AsyncLocal<string?> { Value = "creator" };
        string? flowed = null, suppressed = "unset";
        using var one = _time.CreateTimer(_ => flowed = ambient.Value, null, Second, Timeout.InfiniteTimeSpan);
        ITimer two;
        using (ExecutionContext.SuppressFlow())
        {
            two = _time.CreateTimer(_ => suppressed = ambient.Value, null, Second, Timeout.InfiniteTimeSpan);
        }

        ambient.Value = "advancer";
        _time.Advance(Second);

        Assert.Equal(("creator", "advancer"), (flowed, suppressed));
        two.Dispose();
    }

    [Fact]
    public async Task Delay_OverTheClock_EndsWhenAdvanced()
    {
        var delay = Task.Delay(Second, _time);
        Assert.False(delay.IsCompleted);

        _time.Advance(Second);

        await delay.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public void CancellationTokenSource_OverTheClock_CancelsWhenAdvancedAndCanBePutOff()
    {
        using var source = new CancellationTokenSource(Second, _time);
        source.CancelAfter(2 * Second);

        _time.Advance(Second);
        Assert.False(source.IsCancellationRequested);
        _time.Advance(Second);

        Assert.True(source.IsCancellationRequested);
    }

    [Fact]
    public async Task SystemPeriodicTimer_OverTheClock_TicksEachPeriod()
    {
        using var timer = new PeriodicTimer(Second, _time);
        for (var i = 0; i < 3; i++)
        {
            var tick = timer.WaitForNextTickAsync().AsTask();
            Assert.False(tick.IsCompleted);
            _time.Advance(Second);
            Assert.True(await tick.WaitAsync(TimeSpan.FromSeconds(10)));
        }
    }

    [Fact]
    public async Task WaitAsync_OverTheClock_TimesOutWhenAdvanced()
    {
        var waiting = new TaskCompletionSource().Task.WaitAsync(Second, _time);

        _time.Advance(Second);

        await Assert.ThrowsAsync<TimeoutException>(() => waiting);
    }

    [Fact]
    public void ShiftUtc_Backwards_MovesOnlyTheCalendar()
    {
        var (utc, timestamp) = (_time.GetUtcNow(), _time.GetTimestamp());
        using var timer = _time.CreateTimer(_ => Assert.Fail("fired"), null, Second, Timeout.InfiniteTimeSpan);

        _time.ShiftUtc(TimeSpan.FromHours(-1));

        Assert.Equal(utc.AddHours(-1), _time.GetUtcNow());
        Assert.Equal(timestamp, _time.GetTimestamp());
        Assert.Equal(Second, _time.NextTimerIn);
    }

    [Fact]
    public async Task WhenArmed_EnoughTimers_CompletesAndBeforeThatDoesNot()
    {
        var two = _time.WhenArmedAsync(2);
        using var one = _time.CreateTimer(_ => { }, null, Second, Timeout.InfiniteTimeSpan);
        Assert.False(two.IsCompleted);
        await _time.WhenArmedAsync();

        using var other = _time.CreateTimer(_ => { }, null, Second, Timeout.InfiniteTimeSpan);

        await two.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task WhenArmed_Cancelled_GivesUp()
    {
        using var source = new CancellationTokenSource();
        var waiting = _time.WhenArmedAsync(cancellationToken: source.Token);

        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    [Fact]
    public async Task Clock_UsedByManyThreads_LosesNoTimer()
    {
        var fired = 0;
        var workers = Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 500; i++)
            {
                _time.CreateTimer(_ => Interlocked.Increment(ref fired), null, Second, Timeout.InfiniteTimeSpan);
            }
        }));
        var advancing = Task.Run(() =>
        {
            for (var i = 0; i < 50; i++)
            {
                _time.Advance(TimeSpan.FromMilliseconds(1));
            }
        });

        await Task.WhenAll([.. workers, advancing]);
        _time.Advance(Second);

        Assert.Equal((4_000, 0), (fired, _time.ArmedTimers));
    }
}
