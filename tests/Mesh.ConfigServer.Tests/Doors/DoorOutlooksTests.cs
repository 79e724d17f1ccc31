using Mesh.ConfigServer.Clients;
using Mesh.ConfigServer.Doors;
using Mesh.ConfigServer.Tests.Support;
using Mesh.ConfigServer.Wire;
using Mesh.Policy;
using Mesh.Testing;
using Microsoft.Extensions.Options;

namespace Mesh.ConfigServer.Tests.Doors;

public sealed class DoorOutlooksTests : IDisposable
{
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(30);

    private readonly ManualTimeProvider _time = new();
    private readonly ClientRegistry _clients;
    private readonly DoorBoard _board;
    private readonly DoorOutlooks _outlooks;

    public DoorOutlooksTests()
    {
        var options = Options.Create(new DeskOptions { MaxClients = 100 });
        _clients = new ClientRegistry(options, _time);
        _board = new DoorBoard(options, _time);
        _outlooks = new DoorOutlooks(_board, _clients, _time);
    }

    public void Dispose() => _clients.Dispose();

    [Fact]
    public void List_CallersAtSeveralInstances_AreSummedUpAndTheMostFrequentIsFirst()
    {
        Put(Door("orders-1", with: d => d.WithPlaintext("web", 3, minutes: 10).WithPlaintext("batch", 1)));
        Put(Door("orders-2", with: d => d.WithPlaintext("web", 4, minutes: 5).WithDenial("shop", "intention", 2)));

        var door = Only();

        Assert.Equal((2, 2, 0), (door.Instances, door.Identified, door.Silent));
        Assert.Equal(
            [("web", 7L, 2), ("batch", 1L, 1)], door.Strict.Callers.Select(c => (c.Caller, c.Count, c.Instances)));
        Assert.Equal(_time.GetUtcNow() - TimeSpan.FromMinutes(5), door.Strict.Callers[0].LastSeen);
        Assert.Equal("callers", door.Strict.State);
        Assert.StartsWith(
            "2 callers would break: 8 requests in the last 24 h", door.Strict.Detail, StringComparison.Ordinal);
        Assert.Equal(("shop", "intention", 2L), Single(door.Enforce));
        Assert.Equal(["permissive"], door.Strict.InForce);
        Assert.Equal(["shadow"], door.Enforce.InForce);
    }

    [Fact]
    public void List_NobodyInAWholeDay_SaysThatItIsSafe()
    {
        Run(TimeSpan.FromHours(24), "orders-1", "orders-2");

        var door = Only();

        Assert.Equal(("nobody", 24d), (door.Strict.State, door.Strict.KnownHours));
        Assert.Equal("Safe to turn on: nobody in 24 h, 2 instances reporting to this desk.", door.Strict.Detail);
        Assert.Equal("nobody", door.Enforce.State);
    }

    [Fact]
    public void List_YoungerThanADay_SaysForHowLongOnly()
    {
        Run(TimeSpan.FromHours(3), "orders-1");

        var door = Only();

        Assert.Equal(("too-early", 3d), (door.Strict.State, door.Strict.KnownHours));
        Assert.Equal(
            "Nobody yet, but that is no whole day: 1 instance reporting to this desk for 3 h.", door.Strict.Detail);
    }

    [Fact]
    public void List_DeskWasRestarted_TakesWhatInstancesRememberAndSaysWhatItCannotKnow()
    {
        Put(Door("orders-1", hours: 30));

        var door = Only();

        Assert.Equal(("too-early", 24d), (door.Strict.State, door.Strict.KnownHours));
        Assert.Equal(
            "Nobody yet, but that is no whole day: 1 instance reporting to this desk for 24 h; of instances that ended before "
            + "this desk began to listen 0 min ago nothing is known.",
            door.Strict.Detail);

        // Its victims are known at once, since each report says a whole day.
        Put(Door("orders-2", hours: 30, with: d => d.WithPlaintext("web", 3, minutes: 600)));
        Assert.Equal("callers", Only().Strict.State);
    }

    [Fact]
    public void List_InstanceEnded_ItsCallersStayUntilADayHasPassedSinceTheyCame()
    {
        Put(Door("orders-1", with: d => d.WithPlaintext("web", 3, minutes: 60)));
        Run(TimeSpan.FromHours(22.5), "orders-2");
        Assert.Equal(("callers", 1), (Only().Strict.State, Only().Instances));

        Run(TimeSpan.FromHours(1), "orders-2");

        Assert.Empty(Only().Strict.Callers);
        Assert.Equal("nobody", Only().Strict.State);
    }

    [Fact]
    public void List_InstanceReplacedUnderItsName_KeepsWhatTheOneBeforeSaid()
    {
        Put(Door("orders-1", hours: 5, with: d => d.WithPlaintext("web", 3)));
        _time.Advance(Beat);
        Put(Door("orders-1", hours: 0));

        Assert.Equal(3, Only().Strict.Callers.Single().Count);
    }

    [Fact]
    public void List_ReportRepeated_IsCountedOnce()
    {
        var door = Door("orders-1", hours: 5, with: d => d.WithPlaintext("web", 3));
        Put(door);
        Put(door);

        Assert.Equal(3, Only().Strict.Callers.Single().Count);
    }

    [Theory]
    [InlineData(-72)]
    [InlineData(72)]
    public void List_ClockOfTheInstanceIsWrongByDays_IsByTheDesksClock(int hours)
    {
        var theirs = _time.GetUtcNow().AddHours(hours);
        Put(Reports.Door("orders", "orders-1", theirs, 2, d => d.WithPlaintext("web", 3, minutes: 10)));

        var door = Only();

        Assert.Equal(_time.GetUtcNow() - TimeSpan.FromMinutes(10), door.Strict.Callers.Single().LastSeen);
        Assert.Equal(2, door.Strict.KnownHours);
    }

    [Fact]
    public void List_InstanceWithoutIdentity_StrictWouldRefuseEverybody()
    {
        Run(TimeSpan.FromHours(24), "orders-1");
        Put(Door("orders-2", with: d => d with { Identity = null, PlaintextSince = null }));

        var door = Only();

        Assert.Equal(("no-identity", 1), (door.Strict.State, door.Identified));
        Assert.Equal("1 of 2 instances has no identity, and would refuse everybody.", door.Strict.Detail);
        Assert.Equal("nobody", door.Enforce.State);
    }

    [Fact]
    public void List_IdentityCameLate_PlaintextIsKnownSinceThenOnly()
    {
        Put(Door("orders-1", hours: 5, with: d => d with { PlaintextSince = d.At - TimeSpan.FromHours(1) }));

        Assert.Equal((1d, 5d), (Only().Strict.KnownHours, Only().Enforce.KnownHours));
    }

    [Fact]
    public void List_InstanceThatSaysNothingOfADoor_IsNoProofOfNobody()
    {
        Run(TimeSpan.FromHours(24), "orders-1");
        Put(Door("orders-2") with { Inbound = null });

        var door = Only();

        Assert.Equal(("too-early", 1), (door.Strict.State, door.Silent));
        Assert.EndsWith("1 instance more reports nothing of a door.", door.Strict.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void List_NobodyReportsNow_IsUnknown()
    {
        Run(TimeSpan.FromHours(24), "orders-1");
        _time.Advance(TimeSpan.FromHours(1));

        Assert.Equal(("unknown", 0), (Only().Strict.State, Only().Instances));
    }

    [Fact]
    public void List_NobodyReportsForADay_ServiceIsForgotten()
    {
        Put(Door("orders-1", with: d => d.WithPlaintext("web", 3)));
        _time.Advance(TimeSpan.FromHours(24) + Beat);

        Assert.Empty(_outlooks.List().Doors);
    }

    [Fact]
    public void List_GapInWhichNobodyCounted_IsNotKnown()
    {
        Run(TimeSpan.FromHours(10), "orders-1");
        _time.Advance(TimeSpan.FromHours(4));
        Run(TimeSpan.FromHours(10), "orders-2");

        Assert.Equal(20, Only().Enforce.KnownHours, 0.1);
        Assert.Equal("too-early", Only().Strict.State);
    }

    [Fact]
    public void Put_MoreThanThereIsRoomFor_ForgetsTheOldestAndSaysSo()
    {
        Run(TimeSpan.FromHours(24), "orders-1");
        Assert.Equal("nobody", Only().Strict.State);
        for (var i = 0; i < 300; i++)
        {
            Put(Reports.Door("swarm", $"swarm-{i}", _time.GetUtcNow(), 1));
        }

        Put(Door("orders-1", hours: 24));
        Assert.InRange(_board.Doors().Length, 1, 201);
        Assert.Equal("too-early", _outlooks.List().Doors.Single(d => d.Service == "orders").Strict.State);
    }

    [Fact]
    public void Put_MoreRowsThanAReportHas_KeepsABoundedNumber()
    {
        Put(Door("orders-1", with: d => d with
        {
            Plaintext = [.. Enumerable.Range(0, 5000).Select(i => new PlaintextCallerReport($"c{i}", 1, d.At!.Value))],
        }));

        Assert.Equal(DoorBoard.MaxRowsOfKind, Only().Strict.Callers.Count);
    }

    /// <summary>Lets instances live and report for a while, from now on.</summary>
    private void Run(TimeSpan span, params string[] instances)
    {
        var start = _time.GetUtcNow();
        for (var passed = TimeSpan.Zero; passed < span; passed += TimeSpan.FromMinutes(1))
        {
            _time.Advance(TimeSpan.FromMinutes(1));
            foreach (var instance in instances)
            {
                var hours = (_time.GetUtcNow() - start).TotalHours;
                Put(Door(instance, hours));
            }
        }
    }

    private ClientReport Door(string instance, double hours = 1, Func<InboundReport, InboundReport>? with = null) =>
        Reports.Door("orders", instance, _time.GetUtcNow(), hours, with);

    private void Put(ClientReport report)
    {
        _clients.Put(report);
        _board.Put(report);
    }

    private DoorWire Only() => Assert.Single(_outlooks.List().Doors);

    private static (string Caller, string? Rule, long Count) Single(DoorOutlookWire outlook) =>
        outlook.Callers.Select(c => (c.Caller, c.Rule, c.Count)).Single();
}
