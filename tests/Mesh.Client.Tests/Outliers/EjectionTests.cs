using Mesh.Client.Attempts;
using Mesh.Client.Discovery;
using Mesh.Client.Pipeline;
using Mesh.Client.Tests.Support;
using Mesh.Policy;

namespace Mesh.Client.Tests.Outliers;

public sealed class EjectionTests : IDisposable
{
    private static readonly TimeSpan JustOverLongest = TimeSpan.FromSeconds(36.1);

    private readonly UpstreamFixture _mesh = new();

    public void Dispose() => _mesh.Dispose();

    [Theory]
    [InlineData(nameof(AttemptOutcome.Reset))]
    [InlineData(nameof(AttemptOutcome.TimedOut))]
    [InlineData(nameof(AttemptOutcome.GatewayError))]
    [InlineData(nameof(AttemptOutcome.BodyBroken))]
    public void Observe_FiveFailuresInARow_Eject(string outcome)
    {
        _mesh.With("a", "b");

        _mesh.Answer(_mesh["a"], Enum.Parse<AttemptOutcome>(outcome), times: 4);
        Assert.Equal(EndpointState.Ready, _mesh["a"].State);

        _mesh.Answer(_mesh["a"], Enum.Parse<AttemptOutcome>(outcome));
        Assert.Equal(EndpointState.Ejected, _mesh["a"].State);
        AssertOnly("b");
        Assert.Equal(1, _mesh.Meters.Count(
            MeshTelemetry.EndpointEjections, (MeshTelemetry.ReasonTag, "consecutive_failures")));
    }

    [Theory]
    [InlineData(nameof(AttemptOutcome.Cancelled))]
    [InlineData(nameof(AttemptOutcome.Refused))]
    [InlineData(nameof(AttemptOutcome.Overloaded))]
    public void Observe_WhatSaysNothingAgainstTheEndpoint_NeverEjects(string outcome)
    {
        _mesh.With("a", "b");

        _mesh.Answer(_mesh["a"], Enum.Parse<AttemptOutcome>(outcome), times: 100);

        Assert.Equal(EndpointState.Ready, _mesh["a"].State);
    }

    [Fact]
    public void Observe_ASuccessBetween_BeginsTheCountAnew()
    {
        _mesh.With("a", "b");

        _mesh.Answer(_mesh["a"], AttemptOutcome.Reset, times: 4);
        _mesh.Answer(_mesh["a"], AttemptOutcome.Success);
        _mesh.Answer(_mesh["a"], AttemptOutcome.Reset, times: 4);

        Assert.Equal(EndpointState.Ready, _mesh["a"].State);
    }

    [Fact]
    public void Observe_ThreeFailedConnects_Eject()
    {
        _mesh.With("a", "b");

        _mesh.Answer(_mesh["a"], AttemptOutcome.ConnectFailed, times: 3);

        Assert.Equal(EndpointState.Ejected, _mesh["a"].State);
        Assert.Equal(1, _mesh.Meters.Count(
            MeshTelemetry.EndpointEjections, (MeshTelemetry.ReasonTag, "connect_failures")));
    }

    [Fact]
    public void Observe_AnAnswerBetweenFailedConnects_ProvesThatSomebodyListens()
    {
        _mesh.With("a", "b");

        _mesh.Answer(_mesh["a"], AttemptOutcome.ConnectFailed, times: 2);
        _mesh.Answer(_mesh["a"], AttemptOutcome.Overloaded);
        _mesh.Answer(_mesh["a"], AttemptOutcome.ConnectFailed, times: 2);

        Assert.Equal(EndpointState.Ready, _mesh["a"].State);
    }

    [Fact]
    public void ObserveLate_EveryBodyBreaks_EjectsThoughHeadersCame()
    {
        _mesh.With("a", "b");

        for (var i = 0; i < 5; i++)
        {
            _mesh.Answer(_mesh["a"], AttemptOutcome.Success);
            _mesh["a"].ObserveLate(AttemptOutcome.BodyBroken);
        }

        Assert.Equal(EndpointState.Ejected, _mesh["a"].State);
    }

    [Fact]
    public void Observe_ServerErrorsOfEveryone_EjectNobody()
    {
        _mesh.With("a", "b", "c");

        for (var i = 0; i < 50; i++)
        {
            foreach (var endpoint in _mesh.Upstream.Endpoints)
            {
                _mesh.Answer(endpoint, AttemptOutcome.ServerError);
            }

            _mesh.Time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.All(_mesh.Upstream.Endpoints, e => Assert.Equal(EndpointState.Ready, e.State));
    }

    [Fact]
    public void Observe_ServerErrorsOfOneAlone_EjectIt()
    {
        _mesh.With("a", "b", "c");
        _mesh.Answer(_mesh["b"], AttemptOutcome.Success, times: 20);
        _mesh.Answer(_mesh["c"], AttemptOutcome.Success, times: 20);

        _mesh.Answer(_mesh["a"], AttemptOutcome.ServerError, times: 20);

        Assert.Equal(EndpointState.Ejected, _mesh["a"].State);
    }

    [Fact]
    public void Observe_ServerErrorsOfTheOnlyEndpoint_DoNotCount()
    {
        _mesh.With("a");

        _mesh.Answer(_mesh["a"], AttemptOutcome.ServerError, times: 100);

        Assert.Equal(EndpointState.Ready, _mesh["a"].State);
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 1)]
    [InlineData(3, 1)]
    [InlineData(19, 1)]
    [InlineData(20, 2)]
    public void Observe_WithAllEndpointsFailing_EjectsNoMoreThanTheCap(int endpoints, int ejected)
    {
        _mesh.With([.. Enumerable.Range(0, endpoints).Select(i => $"e{i}")]);

        foreach (var endpoint in _mesh.Upstream.Endpoints)
        {
            _mesh.Answer(endpoint, AttemptOutcome.Reset, times: 5);
        }

        Assert.Equal(ejected, _mesh.Upstream.Endpoints.Count(e => e.State == EndpointState.Ejected));
        Assert.Equal(endpoints - ejected, _mesh.Meters.Count(MeshTelemetry.EjectionsWithheld));
    }

    [Fact]
    public void Pick_AfterTheEjection_LetsOneReplaceableCallTry()
    {
        Eject("a", "b");
        SecondsOut();
        Assert.Equal(EndpointState.Returning, _mesh["a"].State);

        Assert.Same(_mesh["b"], _mesh.Pick(replaceable: false));
        Assert.Same(_mesh["a"], _mesh.Pick());
        for (var i = 0; i < 100; i++)
        {
            Assert.Same(_mesh["b"], _mesh.Pick());
        }
    }

    [Fact]
    public void Pick_AfterTheEjectionWithoutAReplaceableCall_LetsAnyTryInTheEnd()
    {
        Eject("a", "b");
        _mesh.Time.Advance(JustOverLongest);
        _mesh.Time.Advance(TimeSpan.FromSeconds(30));

        Assert.Same(_mesh["a"], _mesh.Pick(replaceable: false));
        Assert.Same(_mesh["b"], _mesh.Pick(replaceable: false));
    }

    [Fact]
    public void Observe_TheProbeSucceeds_BringsTheEndpointBackSlowly()
    {
        Eject("a", "b");
        _mesh.Time.Advance(JustOverLongest);
        _mesh.Answer(_mesh.Pick()!, AttemptOutcome.Success);

        Assert.Equal(EndpointState.Ready, _mesh["a"].State);
        var candidates = _mesh.Group.Set.Candidates;
        Assert.Equal(0.1, candidates.Weight(0) / candidates.Weight(1), 6);

        _mesh.Time.Advance(TimeSpan.FromSeconds(31));
        Assert.False(_mesh.Group.Set.Candidates.IsWeighted);
    }

    [Fact]
    public void Observe_TheProbeFails_EjectsForLonger()
    {
        Eject("a", "b");
        _mesh.Time.Advance(JustOverLongest);
        _mesh.Answer(_mesh.Pick()!, AttemptOutcome.ConnectFailed);

        Assert.Equal(EndpointState.Ejected, _mesh["a"].State);
        _mesh.Time.Advance(TimeSpan.FromSeconds(47));
        Assert.Equal(EndpointState.Ejected, _mesh["a"].State);
        _mesh.Time.Advance(TimeSpan.FromSeconds(26));
        Assert.Equal(EndpointState.Returning, _mesh["a"].State);
    }

    [Fact]
    public void Observe_TheProbeIsGivenUp_LetsAnotherCallTry()
    {
        Eject("a", "b");
        _mesh.Time.Advance(JustOverLongest);
        _mesh.Answer(_mesh.Pick()!, AttemptOutcome.Cancelled);

        Assert.Same(_mesh["a"], _mesh.Pick());
    }

    [Fact]
    public void Pick_WhenTheProbeNeverEnds_LetsAnotherCallTryAfterAWhile()
    {
        Eject("a", "b");
        _mesh.Time.Advance(JustOverLongest);
        Assert.Same(_mesh["a"], _mesh.Pick());
        Assert.Same(_mesh["b"], _mesh.Pick());

        _mesh.Time.Advance(TimeSpan.FromSeconds(31));

        Assert.Same(_mesh["a"], _mesh.Pick());
        Assert.Same(_mesh["b"], _mesh.Pick());
    }

    [Fact]
    public void Observe_AnOldCallThatEndsDuringTheProbe_DecidesNothing()
    {
        _mesh.With("a", "b");
        var old = _mesh.Time.GetTimestamp();
        _mesh["a"].Begin();
        _mesh.Answer(_mesh["a"], AttemptOutcome.Reset, times: 5);
        _mesh.Time.Advance(JustOverLongest);
        Assert.Same(_mesh["a"], _mesh.Pick());

        _mesh["a"].Observe(old, _mesh.Time.GetTimestamp(), AttemptOutcome.Success);
        _mesh["a"].End();

        Assert.Equal(EndpointState.Returning, _mesh["a"].State);
    }

    [Fact]
    public void Eject_AgainAndAgain_GrowsToItsLongestAndIsForgivenWithTime()
    {
        _mesh.With("a", "b");
        var lengths = new List<double>();
        for (var i = 0; i < 6; i++)
        {
            _mesh.Answer(_mesh["a"], AttemptOutcome.Reset, times: 5);
            lengths.Add(SecondsOut());
            _mesh.Answer(_mesh.Pick()!, AttemptOutcome.Success);
        }

        double[] expected = [30, 60, 120, 240, 300, 300];
        Assert.All(lengths.Zip(expected), pair => Assert.InRange(pair.First, pair.Second * 0.79, (pair.Second * 1.2) + 1));

        _mesh.Time.Advance(TimeSpan.FromHours(1));
        _mesh.Answer(_mesh["a"], AttemptOutcome.Reset, times: 5);
        Assert.InRange(SecondsOut(), 23.7, 37);
    }

    [Fact]
    public void Eject_ManyEndpoints_DoesNotBringThemBackTogether()
    {
        _mesh.WithPolicy(p => p with { Outlier = p.Outlier with { MaxEjected = 1 } })
            .With([.. Enumerable.Range(0, 20).Select(i => $"e{i}")]);
        foreach (var endpoint in _mesh.Upstream.Endpoints)
        {
            _mesh.Answer(endpoint, AttemptOutcome.Reset, times: 5);
        }

        var back = new HashSet<double>();
        for (var second = 20; second < 40; second++)
        {
            _mesh.Time.Advance(TimeSpan.FromSeconds(second == 20 ? 20 : 1));
            back.Add(_mesh.Upstream.Endpoints.Count(e => e.State == EndpointState.Returning));
        }

        Assert.True(back.Count >= 5, $"They came back in {back.Count - 1} steps.");
        Assert.Contains(20.0, back);
    }

    [Theory]
    [InlineData(false, Mechanisms.Eject)]
    [InlineData(true, Mechanisms.None)]
    public void ApplySwitches_EjectOff_BringsEverybodyBackAndEjectsNobody(bool bypass, Mechanisms off)
    {
        Eject("a", "b");

        _mesh.Upstream.ApplySwitches(new SwitchState(bypass, off));
        Assert.Equal(EndpointState.Ready, _mesh["a"].State);
        _mesh.Answer(_mesh["a"], AttemptOutcome.Reset, times: 50);
        Assert.Equal(EndpointState.Ready, _mesh["a"].State);

        _mesh.Upstream.ApplySwitches(SwitchState.None);
        _mesh.Answer(_mesh["a"], AttemptOutcome.Reset, times: 5);
        Assert.Equal(EndpointState.Ejected, _mesh["a"].State);
    }

    [Fact]
    public void Observe_OfAnEndpointThatHasLeft_EjectsNothing()
    {
        _mesh.With("a", "b");
        var gone = _mesh["a"];
        gone.Begin();
        _mesh.With("b", "c");

        gone.Observe(0, _mesh.Time.GetTimestamp(), AttemptOutcome.Reset);
        gone.End();
        _mesh.Answer(gone, AttemptOutcome.Reset, times: 10);

        Assert.Equal(0, gone.InFlight);
        Assert.Equal(0, _mesh.Meters.Count(MeshTelemetry.EndpointEjections));
    }

    [Fact]
    public void Observe_AnEndpointInMaintenance_LeavesRoomForOthersOnly()
    {
        _mesh.With(
            UpstreamFixture.Info("a"), UpstreamFixture.Info("m", health: EndpointHealth.Maintenance));

        _mesh.Answer(_mesh["a"], AttemptOutcome.Reset, times: 5);

        Assert.Equal(EndpointState.Ready, _mesh["a"].State);
    }

    private void Eject(string id, string other)
    {
        _mesh.With(id, other);
        _mesh.Answer(_mesh[id], AttemptOutcome.Reset, times: 5);
        Assert.Equal(EndpointState.Ejected, _mesh[id].State);
    }

    private double SecondsOut()
    {
        Assert.Equal(EndpointState.Ejected, _mesh["a"].State);
        var seconds = 0.0;
        while (_mesh["a"].State == EndpointState.Ejected)
        {
            _mesh.Time.Advance(TimeSpan.FromSeconds(0.25));
            seconds += 0.25;
        }

        return seconds;
    }

    private void AssertOnly(string id)
    {
        for (var i = 0; i < 50; i++)
        {
            Assert.Equal(id, _mesh.Pick()!.Id);
        }
    }
}
