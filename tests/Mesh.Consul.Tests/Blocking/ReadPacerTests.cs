namespace Mesh.Consul.Tests;

public sealed class ReadPacerTests
{
    private readonly FakeClock _clock = new();

    private ReadPacer Create(double random = 1) => new(TimeSpan.FromSeconds(15), _clock, new FixedRandom(random));

    [Fact]
    public void Changes_InAStorm_AreReadTwiceASecond()
    {
        var pacer = Create();
        var reads = 0;
        while (_clock.Elapsed < TimeSpan.FromMinutes(1))
        {
            var pause = pacer.AfterChange();
            Assert.InRange(pause, TimeSpan.Zero, TimeSpan.FromMilliseconds(500));
            _clock.Advance(pause);
            reads++;
        }

        Assert.InRange(reads, 120, 129);
    }

    [Fact]
    public void Changes_AfterAQuietMinute_AreFreeAgain()
    {
        var pacer = Create();
        for (var i = 0; i < 8; i++)
        {
            Assert.Equal(TimeSpan.Zero, pacer.AfterChange());
        }

        Assert.True(pacer.AfterChange() > TimeSpan.Zero);
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(TimeSpan.Zero, pacer.AfterChange());
    }

    [Fact]
    public void IdleWakeUps_GrowFromAQuarterSecond()
    {
        var pacer = Create();

        var pauses = Enumerable.Range(0, 10).Select(_ => pacer.AfterIdleWakeUp().TotalSeconds);

        Assert.Equal([0, 0, 0.25, 0.5, 1, 2, 4, 8, 15, 15], pauses);
    }

    [Fact]
    public void IdleWakeUps_EndedByAChange_AreFreeAgain()
    {
        var pacer = Create();
        for (var i = 0; i < 10; i++)
        {
            pacer.AfterIdleWakeUp();
        }

        pacer.AfterChange();

        Assert.Equal(TimeSpan.Zero, pacer.AfterIdleWakeUp());
        Assert.Equal(TimeSpan.Zero, pacer.AfterIdleWakeUp());
        Assert.True(pacer.AfterIdleWakeUp() > TimeSpan.Zero);
    }

    [Fact]
    public void IdleWakeUps_RarerThanFifteenSeconds_AreNeverPaused()
    {
        var pacer = Create();
        for (var i = 0; i < 100; i++)
        {
            Assert.Equal(TimeSpan.Zero, pacer.AfterIdleWakeUp());
            _clock.Advance(TimeSpan.FromSeconds(15));
        }
    }

    [Fact]
    public void Pauses_AreJitteredByATenth()
    {
        var pacer = Create(random: 0);
        pacer.AfterIdleWakeUp();
        pacer.AfterIdleWakeUp();

        Assert.Equal(TimeSpan.FromSeconds(0.225), pacer.AfterIdleWakeUp());
    }
}
