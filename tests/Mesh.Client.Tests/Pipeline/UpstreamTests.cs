using Mesh.Client.Attempts;
using Mesh.Client.Discovery;
using Mesh.Client.Pipeline;
using Mesh.Client.Tests.Support;
using Mesh.Policy;

namespace Mesh.Client.Tests.Pipeline;

public sealed class UpstreamTests : IDisposable
{
    private readonly UpstreamFixture _mesh = new();

    private Upstream Upstream => _mesh.Upstream;

    public void Dispose() => _mesh.Dispose();

    [Fact]
    public void Runtime_BeforeAnyAnswer_IsNone()
    {
        Upstream.ApplyPolicy(PolicyDefaults.For("orders"), "r1");

        Assert.Null(Upstream.Runtime);
        Assert.False(Upstream.FirstAnswer.IsCompleted);
        Assert.False(Upstream.IsUnknown);
    }

    [Fact]
    public void ApplyEndpoints_OfAnUnknownService_IsAnAnswer()
    {
        Upstream.ApplyEndpoints(new EndpointSnapshot([], EndpointSource.Consul, Known: false));

        Assert.True(Upstream.FirstAnswer.IsCompleted);
        Assert.True(Upstream.IsUnknown);
        Assert.Null(Upstream.Runtime);
        Assert.False(Upstream.IsDeclared);

        _mesh.With("a");
        Assert.False(Upstream.IsUnknown);
        Assert.True(Upstream.IsDeclared);
        Assert.NotNull(Upstream.Runtime);
    }

    [Fact]
    public void ApplyEndpoints_UnknownAfterEndpointsWereSeen_IsNotUnknown()
    {
        _mesh.With("a");
        Upstream.ApplyEndpoints(new EndpointSnapshot([], EndpointSource.Consul, Known: false));

        Assert.False(Upstream.IsUnknown);
        Assert.True(Upstream.IsDeclared);
        Assert.NotNull(Upstream.Runtime);
    }

    [Fact]
    public void ApplyEndpoints_OfAKnownServiceWithoutAny_GivesARuntimeWithoutAny()
    {
        _mesh.With(Array.Empty<string>());

        Assert.Equal(0, _mesh.Group.Count);
        Assert.False(Upstream.IsUnknown);
    }

    [Fact]
    public void ApplyEndpoints_FromTheDiskAfterALiveAnswer_IsHistory()
    {
        _mesh.With("a");
        Upstream.ApplyEndpoints(new EndpointSnapshot(
            [UpstreamFixture.Info("old")], EndpointSource.Snapshot, Known: true));

        Assert.Equal(["a"], Upstream.Endpoints.Select(e => e.Id));
    }

    [Fact]
    public void ApplyEndpoints_WithOtherMetadataHealthAndWeight_KeepsIdentityAndState()
    {
        _mesh.With("a", "b");
        var a = _mesh["a"];
        a.Begin();
        _mesh.With(
            UpstreamFixture.Info("a", weight: 7) with { Metadata = new Dictionary<string, string> { ["version"] = "2" } },
            UpstreamFixture.Info("b"));

        Assert.Same(a, _mesh["a"]);
        Assert.Equal(1, a.InFlight);
        Assert.Equal(7, a.Weight);
        Assert.Equal("2", a.Metadata["version"]);
    }

    [Fact]
    public void ApplyEndpoints_WithOtherMetadataOnly_KeepsTheCandidates()
    {
        _mesh.With("a", "b");
        var candidates = _mesh.Group.Set.Candidates;
        _mesh.With(
            UpstreamFixture.Info("a") with { Metadata = new Dictionary<string, string> { ["version"] = "2" } },
            UpstreamFixture.Info("b"));

        Assert.Same(candidates, _mesh.Group.Set.Candidates);
    }

    [Fact]
    public void ApplyEndpoints_WithAnotherAddress_MakesAnotherEndpoint()
    {
        _mesh.With("a", "b");
        var a = _mesh["a"];
        var transport = (StubTransports.StubTransport)a.Transport;
        _mesh.With(UpstreamFixture.Info("a") with { Port = 9 }, UpstreamFixture.Info("b"));

        Assert.NotSame(a, _mesh["a"]);
        Assert.Equal(1, transport.Disposals);
    }

    [Fact]
    public void ApplyEndpoints_WithAnIdTwice_TakesTheFirst()
    {
        _mesh.With(UpstreamFixture.Info("a", weight: 2), UpstreamFixture.Info("a", weight: 3));

        Assert.Equal(2, Assert.Single(Upstream.Endpoints).Weight);
    }

    [Fact]
    public async Task Transport_OfAnEndpointThatLeft_Refuses()
    {
        _mesh.With("a", "b");
        var used = _mesh["a"];
        var picked = _mesh["b"];
        var transport = used.Transport;
        Assert.Same(transport, used.Transport);
        _mesh.With("c");

        // Picked before the removal, first used after it.
        using var request = new HttpRequestMessage();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => used.Transport.SendAsync(request, new(), default));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => picked.Transport.SendAsync(request, new(), default));
    }

    [Fact]
    public void ApplyPolicy_WithTheSameSubsetsAndAlgorithm_KeepsTheGroups()
    {
        _mesh.WithPolicy(p => p with { Subsets = Subsets("v1") }).With("a");
        var before = Upstream.Runtime!;
        _mesh.WithPolicy(p => p with { Subsets = Subsets("v1") }, "r2");

        Assert.NotSame(before, Upstream.Runtime);
        Assert.Equal("r2", Upstream.Runtime!.PolicyRevision);
        Assert.Same(before.Groups[""], Upstream.Runtime.Groups[""]);
        Assert.Same(before.Groups["v1"], Upstream.Runtime.Groups["v1"]);
    }

    [Fact]
    public void ApplyPolicy_WithAnotherAlgorithm_KeepsTheStateOfEndpoints()
    {
        _mesh.With("a", "b");
        _mesh.Answer(_mesh["a"], AttemptOutcome.Reset, times: 5);
        _mesh.WithAlgorithm("random");

        Assert.Equal(EndpointState.Ejected, _mesh["a"].State);
        Assert.Same(_mesh["b"], _mesh.Pick());
    }

    [Fact]
    public void ApplySwitches_Bypass_TakesEveryCallToEveryEndpointByTheLastRoute()
    {
        _mesh.WithPolicy(p => p with
        {
            Subsets = Subsets("v1"),
            Routes = [p.Routes[0] with { Name = "only", Split = [new SplitRule("v1", SplitRule.Whole)] }],
        }).With("a", "b");
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://orders/");
        Assert.Equal("v1", Upstream.Runtime!.Route(request).SelectGroup(_mesh.Random).Subset);

        Upstream.ApplySwitches(new SwitchState(Bypass: true, Mechanisms.None));

        var route = Assert.Single(Upstream.Runtime!.Routes);
        Assert.Equal("only", route.Name);
        Assert.Null(route.SelectGroup(_mesh.Random).Subset);
        Assert.False(route.Retry.Enabled);
        Assert.Equal(2, route.SelectGroup(_mesh.Random).Count);
    }

    [Theory]
    [InlineData(Mechanisms.Retry)]
    [InlineData(Mechanisms.Eject)]
    [InlineData(Mechanisms.Routes)]
    [InlineData(Mechanisms.Timeouts)]
    [InlineData(Mechanisms.Balance)]
    public void ApplySwitches_OneMechanism_TurnsOffThatOneAlone(Mechanisms off)
    {
        _mesh.WithPolicy(p => p with
        {
            Balance = p.Balance with { Algorithm = "random" },
            Subsets = Subsets("v1"),
            Routes =
            [
                p.Routes[0] with { Name = "some", Split = [new SplitRule("v1", SplitRule.Whole)] },
                p.Routes[0] with { Timeout = p.Routes[0].Timeout with { Total = TimeSpan.FromSeconds(3) } },
            ],
        }).With("a", "b");

        Upstream.ApplySwitches(new SwitchState(Bypass: false, off));

        var runtime = Upstream.Runtime!;
        var route = runtime.Routes[^1];
        Assert.Equal(off != Mechanisms.Retry, route.Retry.Enabled);
        Assert.Equal(off != Mechanisms.Timeouts, route.Timeout.Total is not null);
        Assert.Equal(off == Mechanisms.Routes ? 1 : 2, runtime.Routes.Length);
        var inForce = new PolicyInForce(runtime.Policy, "any", runtime.Switches);
        Assert.Equal(off != Mechanisms.Eject, inForce.Outlier.Enabled);
        Assert.Equal(off == Mechanisms.Balance ? "round-robin" : "random", inForce.Balance.Algorithm);
        Assert.Equal(runtime.Policy.Balance.PanicBelow, inForce.Balance.PanicBelow);
    }

    [Fact]
    public void ConfirmEndpoints_MovesTheirAge()
    {
        _mesh.With("a");
        _mesh.Time.Advance(TimeSpan.FromSeconds(5));
        Upstream.ConfirmEndpoints();

        Assert.Equal(_mesh.Time.GetTimestamp(), Upstream.ConfirmedAt);
    }

    [Fact]
    public void LastUsed_WithinASecond_IsNotWritten()
    {
        var before = Upstream.LastUsed;
        _mesh.Time.Advance(TimeSpan.FromSeconds(0.9));
        Upstream.LastUsed = _mesh.Time.GetTimestamp();
        Assert.Equal(before, Upstream.LastUsed);

        _mesh.Time.Advance(TimeSpan.FromSeconds(0.2));
        Upstream.LastUsed = _mesh.Time.GetTimestamp();
        Assert.Equal(_mesh.Time.GetTimestamp(), Upstream.LastUsed);
    }

    private static Dictionary<string, SubsetRule> Subsets(params string[] versions) => versions.ToDictionary(
        static v => v,
        static v => new SubsetRule { Name = v, Meta = new Dictionary<string, IReadOnlyList<string>> { ["version"] = [v] } });
}
