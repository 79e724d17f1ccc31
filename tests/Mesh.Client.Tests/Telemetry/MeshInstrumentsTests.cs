using Mesh.Client.Telemetry;
using Mesh.Client.Tests.Support;

namespace Mesh.Client.Tests.Telemetry;

public sealed class MeshInstrumentsTests
{
    [Fact]
    public void MeshInstruments_Listened_MeasureUnderTheirPublicNames()
    {
        using var meters = new TestMeters().Listen();
        var instruments = new MeshInstruments(meters);

        UseAll(instruments);

        Assert.Equal(1, meters.Count(
            MeshTelemetry.RequestDuration,
            (MeshTelemetry.ServiceTag, "orders"),
            (MeshTelemetry.RouteTag, "default"),
            (MeshTelemetry.StatusCodeTag, 503),
            (MeshTelemetry.ErrorTypeTag, "503")));
        Assert.Equal(1, meters.Count(MeshTelemetry.AttemptDuration, (MeshTelemetry.OutcomeTag, "reset")));
        Assert.Equal(1, meters.Count(
            MeshTelemetry.Retries, (MeshTelemetry.ReasonTag, "reset"), (MeshTelemetry.OutcomeTag, "success")));
        Assert.Equal(1, meters.Count(
            MeshTelemetry.Decisions, (MeshTelemetry.DecisionTag, "no_retry"), (MeshTelemetry.ReasonTag, "budget")));
        Assert.Equal(1, meters.Count(MeshTelemetry.EndpointEjections, (MeshTelemetry.ReasonTag, "consecutive_failures")));
        Assert.Equal(1, meters.Count(MeshTelemetry.DiscoveryUpdates, (MeshTelemetry.SourceTag, "consul")));
        Assert.Equal(1, meters.Count(MeshTelemetry.PolicyUpdates, (MeshTelemetry.ResultTag, "refused")));
        Assert.All(meters.Measurements, m => Assert.Equal(m.Name.EndsWith("duration", StringComparison.Ordinal), m.Unit == "s"));
    }

    [Fact]
    public void MeshInstruments_NobodyListens_AllocateNothing()
    {
        using var meters = new TestMeters();
        var instruments = new MeshInstruments(meters);
        UseAll(instruments);

        var before = GC.GetAllocatedBytesForCurrentThread();
        UseAll(instruments);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static void UseAll(MeshInstruments instruments)
    {
        instruments.Request(0.1, "orders", "default", 503, "503");
        instruments.Attempt(0.1, "orders", "reset", 0, "reset");
        instruments.Retry("orders", "reset", "success");
        instruments.Decision("orders", "no_retry", "budget");
        instruments.Ejection("orders", "consecutive_failures");
        instruments.DiscoveryUpdate("orders", "consul", "applied");
        instruments.PolicyUpdate("desk", "refused");
    }
}
