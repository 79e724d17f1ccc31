using Mesh.AspNetCore.Door;
using Mesh.Testing;

namespace Mesh.AspNetCore.Tests.Door;

public sealed class DoorLedgerTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly DoorLedger _ledger;

    public DoorLedgerTests() => _ledger = new DoorLedger(_time);

    [Fact]
    public void Plaintext_SeveralCallers_CountsEachAndSaysWhenLast()
    {
        _ledger.Plaintext("web");
        _ledger.Plaintext("batch");
        _time.Advance(TimeSpan.FromMinutes(90));
        _ledger.Plaintext("web");

        Assert.Equal(
            [("web", 2L, _time.GetUtcNow()), ("batch", 1L, _time.GetUtcNow() - TimeSpan.FromMinutes(90))],
            _ledger.PlaintextCallers());
        Assert.Empty(_ledger.WouldBeDenied());
    }

    [Fact]
    public void WouldDeny_CallersAndRules_CountsEachPair()
    {
        _ledger.WouldDeny("web", "intention");
        _ledger.WouldDeny("web", "only-reads");
        _ledger.WouldDeny("web", "intention");
        _ledger.WouldDeny("batch", "intention");

        Assert.Equal(
            [("web", "intention", 2L), ("batch", "intention", 1L), ("web", "only-reads", 1L)],
            _ledger.WouldBeDenied().Select(w => (w.Key.Caller, w.Key.Rule, w.Count))
                .OrderByDescending(w => w.Count).ThenBy(w => w.Caller));
        Assert.Empty(_ledger.PlaintextCallers());
    }

    [Fact]
    public void Plaintext_EveryHourForTwoDays_CountsOnlyTheLastDay()
    {
        for (var hour = 0; hour < 48; hour++)
        {
            _ledger.Plaintext("web");
            _time.Advance(TimeSpan.FromHours(1));
        }

        // The running hour is empty; before it lie 24 with one each.
        Assert.Equal(24, Assert.Single(_ledger.PlaintextCallers()).Count);
    }

    [Theory]
    [InlineData(23 * 60 + 59, true)]
    [InlineData(24 * 60 + 1, false)]
    public void Plaintext_CallerStaysAway_IsForgottenAfterADay(int minutes, bool isKnown)
    {
        _time.Advance(TimeSpan.FromMinutes(59));
        _ledger.Plaintext("web");
        _time.Advance(TimeSpan.FromMinutes(minutes));

        Assert.Equal(isKnown, _ledger.PlaintextCallers().Any());
    }

    [Fact]
    public void Plaintext_CallerComesBackAfterDays_StartsAnew()
    {
        _ledger.Plaintext("web");
        _ledger.Plaintext("web");
        _time.Advance(TimeSpan.FromHours(25 * 3));
        _ledger.Plaintext("web");

        Assert.Equal(1, Assert.Single(_ledger.PlaintextCallers()).Count);
    }

    [Fact]
    public void Plaintext_MoreCallersThanRoom_CountsTheRestAsOthers()
    {
        for (var i = 0; i < DoorLedger.MaxCallers + 50; i++)
        {
            _ledger.Plaintext($"10.0.{i / 256}.{i % 256}");
        }

        var callers = _ledger.PlaintextCallers();
        Assert.Equal(DoorLedger.MaxCallers + 1, callers.Count);
        Assert.Equal(50, callers.Single(c => c.Caller == DoorLedger.Others).Count);
    }

    [Fact]
    public void Plaintext_FullButTheOldOnesStayedAway_HasRoomAgain()
    {
        for (var i = 0; i <= DoorLedger.MaxCallers; i++)
        {
            _ledger.Plaintext($"old-{i}");
        }

        _time.Advance(TimeSpan.FromHours(25));
        _ledger.Plaintext("web");

        Assert.Equal("web", Assert.Single(_ledger.PlaintextCallers()).Caller);
    }

    [Fact]
    public void Plaintext_NameNoServiceHas_IsCountedAsOthers()
    {
        _ledger.Plaintext(new string('a', 129));
        _ledger.Plaintext("");

        var only = Assert.Single(_ledger.PlaintextCallers());
        Assert.Equal((DoorLedger.Others, 2L), (only.Caller, only.Count));
    }

    [Fact]
    public void Plaintext_ClockIsSet_StillCountsByTimePassed()
    {
        _ledger.Plaintext("web");
        _time.ShiftUtc(TimeSpan.FromDays(-3));
        _ledger.Plaintext("web");

        var only = Assert.Single(_ledger.PlaintextCallers());
        Assert.Equal((2L, _time.GetUtcNow()), (only.Count, only.LastSeen));
    }

    [Fact]
    public async Task Plaintext_ManyThreadsOverTheEndOfAnHour_LosesNone()
    {
        const int threads = 8;
        const int each = 20_000;
        var work = Enumerable.Range(0, threads).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < each; i++)
            {
                _ledger.Plaintext("web");
                _ledger.WouldDeny("web", "intention");
            }
        })).ToArray();
        _time.Advance(TimeSpan.FromHours(1));
        await Task.WhenAll(work);

        Assert.Equal(threads * each, Assert.Single(_ledger.PlaintextCallers()).Count);
        Assert.Equal(threads * each, Assert.Single(_ledger.WouldBeDenied()).Count);
    }
}
