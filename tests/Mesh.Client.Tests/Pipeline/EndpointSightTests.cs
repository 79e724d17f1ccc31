using Mesh.Client.Attempts;
using Mesh.Client.Discovery;
using Mesh.Client.Pipeline;
using Mesh.Client.Tests.Support;

namespace Mesh.Client.Tests.Pipeline;

public sealed class EndpointSightTests : IDisposable
{
    private readonly UpstreamFixture _mesh = new();

    public void Dispose() => _mesh.Dispose();

    [Fact]
    public void Of_AReadyEndpoint_HasNoReason()
    {
        _mesh.With("a", "b");

        var sight = See("a");

        Assert.Equal(EndpointState.Ready, sight.State);
        Assert.Null(sight.Reason);
        Assert.Null(sight.Left);
        Assert.Null(sight.Latency);
        Assert.Equal(1, sight.Share);
    }

    [Fact]
    public void Of_AnEjectedEndpoint_SaysWhyAndForHowLong()
    {
        _mesh.With("a", "b");
        _mesh.Answer(_mesh["a"], AttemptOutcome.GatewayError, times: 5);

        var first = See("a");
        _mesh.Time.Advance(TimeSpan.FromSeconds(10));
        var later = See("a");

        Assert.Equal(EndpointState.Ejected, first.State);
        Assert.Equal("consecutive_failures", first.Reason);
        Assert.Equal(1, first.Ejections);
        Assert.InRange(first.Left!.Value.TotalSeconds, 24, 36.1);
        Assert.Equal(10, (first.Left - later.Left)!.Value.TotalSeconds, precision: 3);
        _mesh.Time.Advance(TimeSpan.FromSeconds(27));
        Assert.Equal((EndpointState.Returning, "awaits_probe"), (See("a").State, See("a").Reason));
        Assert.Same(_mesh["a"], _mesh.Pick());
        Assert.Equal("probing", See("a").Reason);
    }

    [Fact]
    public void Of_ASuspect_SaysWhoSaidSo()
    {
        _mesh.With(UpstreamFixture.Info("a"), UpstreamFixture.Info("b") with { Vanished = true });
        _mesh["a"].MarkSuspect("draining");
        _mesh.Time.Advance(TimeSpan.FromSeconds(4));

        var marked = See("a");
        Assert.Equal((EndpointState.Suspect, "draining"), (marked.State, marked.Reason));
        Assert.Equal(4, marked.For!.Value.TotalSeconds, precision: 3);
        Assert.Equal(6, marked.Left!.Value.TotalSeconds, precision: 3);
        var vanished = See("b");
        Assert.Equal((EndpointState.Suspect, "vanished"), (vanished.State, vanished.Reason));
        Assert.Null(vanished.Left);
    }

    [Theory]
    [InlineData(EndpointHealth.Critical, "critical")]
    [InlineData(EndpointHealth.Maintenance, "maintenance")]
    internal void Of_AnEndpointTheRegistryTookOut_SaysSo(EndpointHealth health, string reason)
    {
        _mesh.With(UpstreamFixture.Info("a", health: health), UpstreamFixture.Info("b"));

        Assert.Equal(reason, See("a").Reason);
        Assert.Equal(reason, See("a").State.Word());
    }

    [Fact]
    public void Of_AnEndpointInSlowStart_HasItsShare()
    {
        _mesh.With("a", "b");
        _mesh.With("a", "b", "c");

        Assert.Equal(0.1, See("c").Share);
        _mesh.Time.Advance(TimeSpan.FromSeconds(15));
        Assert.Equal(0.5, See("c").Share, precision: 2);
    }

    private EndpointSight See(string id) => _mesh.Upstream.Read(
        inForce => EndpointSight.Of(_mesh[id], inForce.Balance, _mesh.Services.Clock, _mesh.Time.GetTimestamp()));
}
