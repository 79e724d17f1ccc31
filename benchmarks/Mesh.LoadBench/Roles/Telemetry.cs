using System.Diagnostics;
using Mesh.Client;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Mesh.LoadBench.Roles;

/// <summary>
/// Everything the platform and the mesh tell of calls, through the OpenTelemetry SDK: every span sampled and recorded,
/// every metric aggregated, and nothing sent anywhere.
/// </summary>
internal sealed class Telemetry : IDisposable
{
    private const string Platform = "System.Net.Http";
    private readonly TracerProvider _spans;
    private readonly MeterProvider _metrics;

    public Telemetry()
    {
        _spans = Sdk.CreateTracerProviderBuilder()
            .AddSource(Platform, MeshTelemetry.ActivitySourceName)
            .SetSampler(new AlwaysOnSampler())
            .AddProcessor(new Discard())
            .Build();
        _metrics = Sdk.CreateMeterProviderBuilder()
            .AddMeter(Platform, MeshTelemetry.MeterName)
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
