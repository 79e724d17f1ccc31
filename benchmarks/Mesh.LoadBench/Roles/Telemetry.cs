using System.Diagnostics;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Mesh.LoadBench.Roles;

/// <summary>
/// Everything the platform and the mesh tell of calls, through the OpenTelemetry SDK: every span sampled and recorded,
/// every metric aggregated, as Mesh.OpenTelemetry does it, and nothing sent anywhere.
/// </summary>
internal sealed class Telemetry : IDisposable
{
    private readonly TracerProvider _spans;
    private readonly MeterProvider _metrics;

    public Telemetry()
    {
        _spans = Sdk.CreateTracerProviderBuilder()
            .AddMeshInstrumentation()
            .SetSampler(new AlwaysOnSampler())
            .AddProcessor(new Discard())
            .Build();
        _metrics = Sdk.CreateMeterProviderBuilder()
            .AddMeshInstrumentation()
            .AddReader(new PeriodicExportingMetricReader(new DiscardMetrics()))
            .Build();
    }

    public void Dispose()
    {
        _spans.Dispose();
        _metrics.Dispose();
    }

    private sealed class Discard : BaseProcessor<Activity>;

    private sealed class DiscardMetrics : BaseExporter<Metric>
    {
        public override ExportResult Export(in Batch<Metric> batch) => ExportResult.Success;
    }
}
