using Mesh.Client.Attempts;
using Mesh.Client.Discovery;
using Mesh.Client.Pipeline;
using Mesh.Client.Tests.Support;

namespace Mesh.Client.Tests.Pipeline;

public sealed class EndpointGroupTests : IDisposable
{
    private readonly UpstreamFixture _mesh = new();

    public void Dispose() => _mesh.Dispose();

    [Fact]
    public void Pick_WithASuspect_UsesItOnlyWhenNobodyElseIsLeft()
    {
        _mesh.With("a", "b");
        _mesh["a"].MarkSuspect();

        AssertPicks("b");
        Assert.Same(_mesh["a"], _mesh.Pick(replaceable: true, _mesh["b"]));
        Assert.Equal(2, _mesh.Group.Count);
    }

    [Fact]
    public void Pick_WithSuspectsOnly_UsesThem()
    {
        _mesh.With("a", "b");
        _mesh["a"].MarkSuspect();
        _mesh["b"].MarkSuspect();

        AssertPicks("a", "b");
        Assert.False(_mesh.Group.IsPanic);
    }

    [Fact]
    public void Pick_WithVanishedEndpoints_HoldsThemInReserve()
    {
        _mesh.With("a", "b", "c").With(
            UpstreamFixture.Info("a"), UpstreamFixture.Info("b") with { Vanished = true },
            UpstreamFixture.Info("c") with { Vanished = true });

        AssertPicks("a");
        Assert.False(_mesh.Group.IsPanic);
        Assert.NotSame(_mesh["a"], _mesh.Pick(replaceable: true, _mesh["a"]));
    }

    [Fact]
    public void MarkSuspect_WhenNothingRenewsIt_EndsByItself()
    {
        _mesh.With("a", "b");
        _mesh["a"].MarkSuspect();
        _mesh.Time.Advance(TimeSpan.FromSeconds(8));
        _mesh["a"].MarkSuspect();
        _mesh.Time.Advance(TimeSpan.FromSeconds(8));
        AssertPicks("b");

        _mesh.Time.Advance(TimeSpan.FromSeconds(3));
        AssertPicks("a", "b");
    }

    [Fact]
    public void MarkSuspect_ThenGoodAnswersToNewAttempts_EndsIt()
    {
        _mesh.With("a", "b");
        _mesh.Answer(_mesh["b"], AttemptOutcome.Success, 2);
        var before = _mesh.Time.GetTimestamp();
        _mesh["a"].MarkSuspect();
        for (var i = 0; i < 20; i++)
        {
            _mesh["a"].Observe(before, _mesh.Time.GetTimestamp(), AttemptOutcome.Success);
        }

        Assert.Equal(EndpointState.Suspect, _mesh["a"].State);
        _mesh.Time.Advance(TimeSpan.FromMilliseconds(1));
        _mesh.Answer(_mesh["a"], AttemptOutcome.Success, MeshEndpoint.AnswersThatClear);
        Assert.Equal(EndpointState.Ready, _mesh["a"].State);
        AssertPicks("a", "b");
    }

    [Fact]
    public void MarkSuspect_ThenListedAnewAfterCritical_EndsIt()
    {
        _mesh.With("a", "b");
        _mesh["a"].MarkSuspect();
        _mesh.With(UpstreamFixture.Info("a", health: EndpointHealth.Critical), UpstreamFixture.Info("b"));
        _mesh.With("a", "b");

        Assert.Equal(EndpointState.Ready, _mesh["a"].State);
    }

    [Fact]
    public void Pick_WithCriticalEndpoints_AvoidsThem()
    {
        _mesh.With(
            UpstreamFixture.Info("a"), UpstreamFixture.Info("b", health: EndpointHealth.Critical),
            UpstreamFixture.Info("c", health: EndpointHealth.Warning));

        AssertPicks("a", "c");
    }

    [Fact]
    public void Pick_WithEverybodyCritical_PanicsLoudlyButSparesMaintenance()
    {
        _mesh.With("a", "b", "m").With(
            UpstreamFixture.Info("a", health: EndpointHealth.Critical),
            UpstreamFixture.Info("b", health: EndpointHealth.Critical),
            UpstreamFixture.Info("m", health: EndpointHealth.Maintenance));

        Assert.True(_mesh.Group.IsPanic);
        AssertPicks("a", "b");
        Assert.Equal(1, _mesh.Meters.Count(MeshTelemetry.Panics, (MeshTelemetry.ServiceTag, "orders")));
    }

    [Fact]
    public void Pick_InPanicWithOneLeft_KeepsOffCriticalAndDeadOnes()
    {
        _mesh.With("a", "b", "c", "d", "e");
        _mesh.Answer(_mesh["b"], AttemptOutcome.ConnectFailed, times: 3);
        _mesh.With(
            UpstreamFixture.Info("a"), UpstreamFixture.Info("b"),
            UpstreamFixture.Info("c", health: EndpointHealth.Critical),
            UpstreamFixture.Info("d", health: EndpointHealth.Critical),
            UpstreamFixture.Info("e", health: EndpointHealth.Critical));

        Assert.True(_mesh.Group.IsPanic);
        AssertPicks("a");
    }

    [Fact]
    public void Pick_InPanic_UsesThoseEjectedForTheirAnswers()
    {
        _mesh.With("a", "b", "c");
        _mesh.Answer(_mesh["b"], AttemptOutcome.GatewayError, times: 5);
        _mesh.With(
            UpstreamFixture.Info("a"), UpstreamFixture.Info("b"),
            UpstreamFixture.Info("c", health: EndpointHealth.Critical));

        Assert.True(_mesh.Group.IsPanic);
        Assert.Equal(["a", "b"], _mesh.Group.Set.Candidates.Endpoints.ToArray().Select(e => e.Id));
    }

    [Fact]
    public void Pick_OncePanicIsOver_AvoidsTheUnfitAgain()
    {
        _mesh.With(
            UpstreamFixture.Info("a", health: EndpointHealth.Critical),
            UpstreamFixture.Info("b", health: EndpointHealth.Critical));
        Assert.True(_mesh.Group.IsPanic);

        _mesh.With(UpstreamFixture.Info("a"), UpstreamFixture.Info("b", health: EndpointHealth.Critical));

        Assert.False(_mesh.Group.IsPanic);
        AssertPicks("a");
    }

    [Fact]
    public void Pick_WithPanicOff_OffersNothingWhenAllAreUnfit()
    {
        _mesh.WithPolicy(p => p with { Balance = p.Balance with { PanicBelow = 0 } })
            .With(UpstreamFixture.Info("a", health: EndpointHealth.Critical));

        Assert.Null(_mesh.Pick());
        Assert.Equal(0, _mesh.Group.Count);
    }

    [Fact]
    public void Pick_WithMaintenanceOnly_OffersNothing()
    {
        _mesh.With(UpstreamFixture.Info("m", health: EndpointHealth.Maintenance));

        Assert.Null(_mesh.Pick());
        Assert.False(_mesh.Group.IsPanic);
    }

    [Fact]
    public void Gauges_TellStatesAndPanic()
    {
        UpstreamGauges.Register(_mesh.Services.Instruments.Meter, () => [_mesh.Upstream], _mesh.Services.Clock);
        _mesh.With(
            UpstreamFixture.Info("a", health: EndpointHealth.Critical),
            UpstreamFixture.Info("m", health: EndpointHealth.Maintenance));

        _mesh.Meters.Collect();

        Assert.Equal(1, Gauge(MeshTelemetry.Endpoints, "critical"));
        Assert.Equal(1, Gauge(MeshTelemetry.Endpoints, "maintenance"));
        Assert.Equal(0, Gauge(MeshTelemetry.Endpoints, "ready"));
        Assert.Equal(1, _mesh.Meters.Measurements.Single(m => m.Name == MeshTelemetry.Panic).Value);
    }

    private double Gauge(string name, string state) => _mesh.Meters.Measurements.Single(
        m => m.Name == name && Equals(m.Tags[MeshTelemetry.StateTag], state)).Value;

    private void AssertPicks(params string[] ids) => Assert.Equal(
        ids, Enumerable.Range(0, 100).Select(_ => _mesh.Pick()!.Id).Distinct().Order());
}
