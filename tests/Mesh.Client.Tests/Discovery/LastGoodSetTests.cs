using Mesh.Client.Discovery;

namespace Mesh.Client.Tests.Discovery;

public sealed class LastGoodSetTests
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    private readonly LastGoodSet _set = new(Window);

    [Fact]
    public void Offer_FirstAnswer_IsBelieved()
    {
        Assert.True(Offer(0, 1, 2, 3));

        Assert.Equal(["1", "2", "3"], Live());
        Assert.True(_set.EverSeen);
        Assert.Null(_set.ConfirmAt);
    }

    [Fact]
    public void Offer_EmptyForANameNeverSeen_IsUnknown()
    {
        Assert.False(Offer(0));

        Assert.False(_set.EverSeen);
        Assert.Empty(_set.Endpoints);
        Assert.Null(_set.ConfirmAt);
    }

    [Fact]
    public void Offer_SameAnswerInNewObjects_ChangesNothingAndKeepsTheInstances()
    {
        Offer(0, 1, 2);
        var before = _set.Endpoints;

        Assert.False(Offer(1, 2, 1));

        Assert.Same(before, _set.Endpoints);
    }

    [Fact]
    public void Offer_OneDescriptionChanged_ReplacesOnlyThatOne()
    {
        Offer(0, 1, 2);
        var before = _set.Endpoints;

        Assert.True(_set.Offer([Endpoint(1), Endpoint(2) with { Weight = 7 }], regressed: false, TimeSpan.Zero));

        Assert.Same(before[0], _set.Endpoints[0]);
        Assert.Equal(7, _set.Endpoints[1].Weight);
    }

    [Theory]
    [InlineData(2, 1)] // a deploy of two
    [InlineData(3, 1)] // more than half, but of three
    [InlineData(4, 2)] // exactly half
    [InlineData(10, 5)]
    [InlineData(10, 9)]
    public void Offer_OrdinaryRemoval_ActsAtOnce(int before, int after)
    {
        Offer(0, Range(before));

        Assert.True(Offer(1, Range(after)));

        Assert.Equal(after, _set.Endpoints.Count);
        Assert.Equal(0, _set.SuspectCount);
        Assert.Null(_set.ConfirmAt);
        Assert.Equal(AbsenceReason.None, _set.Doubt);
    }

    [Fact]
    public void Offer_AllReplacedByOthers_ActsAtOnce()
    {
        Offer(0, 1, 2, 3, 4, 5);

        Offer(1, 11, 12, 13, 14, 15);

        Assert.Equal(0, _set.SuspectCount);
        Assert.Equal(["11", "12", "13", "14", "15"], Live());
    }

    [Theory]
    [InlineData(1, 0, AbsenceReason.Empty)]
    [InlineData(2, 0, AbsenceReason.Empty)]
    [InlineData(10, 0, AbsenceReason.Empty)]
    [InlineData(4, 1, AbsenceReason.Shrunk)]
    [InlineData(10, 4, AbsenceReason.Shrunk)]
    public void Offer_SuspiciousRemoval_KeepsTheVanishedAsSuspects(int before, int after, object reason)
    {
        Offer(0, Range(before));

        Assert.True(Offer(5, Range(after)));

        Assert.Equal(before, _set.Endpoints.Count);
        Assert.Equal(before - after, _set.SuspectCount);
        Assert.All(_set.Endpoints.Take(after), e => Assert.False(e.Vanished));
        Assert.All(_set.Endpoints.Skip(after), e => Assert.True(e.Vanished));
        Assert.Equal((AbsenceReason)reason, _set.Doubt);
        Assert.Equal(Seconds(15), _set.ConfirmAt);
    }

    [Fact]
    public void Offer_RemovalWithARegressedIndex_ProvesNothingEvenForOneOfMany()
    {
        Offer(0, Range(10));

        _set.Offer([.. Range(9).Select(Endpoint)], regressed: true, Seconds(1));

        Assert.Equal(1, _set.SuspectCount);
        Assert.Equal(AbsenceReason.Regressed, _set.Doubt);
    }

    [Fact]
    public void Offer_VanishedOnesReturn_AreOrdinaryAgain()
    {
        Offer(0, 1, 2);
        Offer(1);

        Assert.True(Offer(2, 1, 2));

        Assert.Equal(0, _set.SuspectCount);
        Assert.All(_set.Endpoints, e => Assert.False(e.Vanished));
        Assert.Null(_set.ConfirmAt);
        Assert.Equal(AbsenceReason.None, _set.Doubt);
    }

    [Fact]
    public void Offer_SomeReturnWhileOthersAreInDoubt_KeepsTheRestAndTheFirstDeadline()
    {
        Offer(0, Range(4));
        Offer(1);

        Offer(8, 1, 2);

        Assert.Equal(["1", "2"], Live());
        Assert.Equal(2, _set.SuspectCount);
        Assert.Equal(Seconds(11), _set.ConfirmAt);
    }

    [Fact]
    public void Offer_StillEmpty_DoesNotProlongTheWindow()
    {
        Offer(0, 1, 2);
        Offer(1);

        Offer(9);

        Assert.Equal(Seconds(11), _set.ConfirmAt);
        Assert.Equal(2, _set.SuspectCount);
    }

    [Fact]
    public void Confirm_EmptyWithATokenThatSees_BelievesIt()
    {
        Offer(0, 1, 2);
        Offer(1);

        Assert.True(_set.Confirm([], SeesAll, Seconds(11)));

        Assert.Empty(_set.Endpoints);
        Assert.True(_set.EverSeen);
        Assert.Null(_set.ConfirmAt);
    }

    [Fact]
    public void Confirm_EmptyWithABlindToken_KeepsThemForReasonAclAndAsksLessAndLessOften()
    {
        Offer(0, 1, 2);
        Offer(1);
        var pauses = new List<TimeSpan>();
        var now = _set.ConfirmAt!.Value;
        for (var round = 0; round < 20; round++)
        {
            Assert.Equal(round == 0, _set.Confirm([], SeesNothing, now));
            pauses.Add(_set.ConfirmAt.Value - now);
            now = _set.ConfirmAt.Value;
        }

        Assert.Equal(2, _set.SuspectCount);
        Assert.Equal(["1", "2"], Live());
        Assert.Equal(AbsenceReason.Acl, _set.Doubt);
        Assert.Equal([Seconds(20), Seconds(40), Seconds(60), Seconds(60)], pauses.Take(4));
        Assert.Equal(Seconds(60), pauses[^1]);
    }

    [Fact]
    public void Confirm_SomeHidden_KeepsThoseInFullStandingAndLetsTheOthersGo()
    {
        Offer(0, Range(10));
        Offer(1, 1, 2);

        Assert.True(_set.Confirm([Endpoint(1), Endpoint(2), Endpoint(3)], e => e.Id is "9" or "10", Seconds(11)));

        Assert.Equal(["1", "2", "3", "9", "10"], Live());
        Assert.Equal(2, _set.SuspectCount);
        Assert.Equal(AbsenceReason.Acl, _set.Doubt);
    }

    [Fact]
    public void Confirm_HiddenOnesSeenAgain_AreLiveAndNothingIsInDoubt()
    {
        Offer(0, 1, 2);
        Offer(1);
        _set.Confirm([], SeesNothing, Seconds(11));

        Offer(12, 1, 2);

        Assert.Equal(["1", "2"], Live());
        Assert.Equal((0, AbsenceReason.None), (_set.SuspectCount, _set.Doubt));
        Assert.Null(_set.ConfirmAt);
    }

    [Fact]
    public void Offer_HiddenFromTheToken_StaysInFullStandingHoweverFewAreMissing()
    {
        Offer(0, 1, 2);

        Assert.True(_set.Offer([Endpoint(1)], regressed: false, Seconds(1), hidden: true));

        Assert.Equal(["1", "2"], Live());
        Assert.Equal(AbsenceReason.Acl, _set.Doubt);
        Assert.Equal(Seconds(11), _set.ConfirmAt);
    }

    [Fact]
    public void Confirm_AfterTheNextShrink_IsJudgedAgainstTheNewBaseline()
    {
        Offer(0, Range(10));
        Offer(1, 1, 2);
        _set.Confirm([Endpoint(1), Endpoint(2)], SeesAll, Seconds(11));

        Offer(12, 1);

        Assert.Equal(0, _set.SuspectCount);
        Assert.Equal(["1"], Live());
    }

    [Fact]
    public void Unconfirmed_Denied_SaysAclAndAsksAgain()
    {
        Offer(0, 1);
        Offer(1);

        _set.Unconfirmed(denied: true, Seconds(11));

        Assert.Equal(AbsenceReason.Acl, _set.Doubt);
        Assert.Equal(Seconds(31), _set.ConfirmAt);
        Assert.Equal(1, _set.SuspectCount);
    }

    [Fact]
    public void Unconfirmed_NotDenied_KeepsTheReason()
    {
        Offer(0, 1);
        Offer(1);

        _set.Unconfirmed(denied: false, Seconds(11));

        Assert.Equal(AbsenceReason.Empty, _set.Doubt);
    }

    [Fact]
    public void Unconfirmed_WithoutSuspects_AsksNothing()
    {
        Offer(0, 1);

        _set.Unconfirmed(denied: false, Seconds(1));

        Assert.Null(_set.ConfirmAt);
    }

    [Fact]
    public void Seed_ThenAnEmptyAnswer_KeepsWhatAnEarlierRunKnew()
    {
        _set.Seed([Endpoint(1), Endpoint(2)]);

        Offer(0);

        Assert.True(_set.EverSeen);
        Assert.Equal(2, _set.SuspectCount);
    }

    [Fact]
    public void Believe_Empty_EmptiesAtOnce()
    {
        Offer(0, Range(10));

        Assert.True(_set.Believe([]));

        Assert.Empty(_set.Endpoints);
        Assert.Null(_set.ConfirmAt);
    }

    [Fact]
    public void Restore_WhatWasBelievedGoneButIsHidden_IsBackAndAskedAboutAgain()
    {
        Offer(0, 1, 2, 3);
        var third = _set.Endpoints.Single(e => e.Id == "3");
        Offer(1, 1, 2);
        Assert.Equal(0, _set.SuspectCount);

        Assert.True(_set.Restore([third], Seconds(2)));
        Assert.False(_set.Restore([third], Seconds(3)));

        Assert.Equal(["1", "2", "3"], Live());
        Assert.Equal((1, AbsenceReason.Acl), (_set.SuspectCount, _set.Doubt));
        Assert.Equal(Seconds(12), _set.ConfirmAt);
    }

    private static bool SeesAll(EndpointInfo endpoint) => false;

    private static bool SeesNothing(EndpointInfo endpoint) => true;

    private static TimeSpan Seconds(int seconds) => TimeSpan.FromSeconds(seconds);

    private static int[] Range(int count) => [.. Enumerable.Range(1, count)];

    private static EndpointInfo Endpoint(int id) => new()
    {
        Id = $"{id}",
        Host = "10.0.0.1",
        Port = id,
        Tags = ["a"],
        Metadata = new Dictionary<string, string> { ["version"] = "1" },
    };

    private bool Offer(int seconds, params int[] ids) =>
        _set.Offer([.. ids.Select(Endpoint)], regressed: false, Seconds(seconds));

    private IEnumerable<string> Live() => _set.Endpoints.Where(e => !e.Vanished).Select(e => e.Id);
}
