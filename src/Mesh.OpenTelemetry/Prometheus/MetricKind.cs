namespace Mesh.OpenTelemetry.Prometheus;

/// <summary>What Prometheus calls a metric.</summary>
internal enum MetricKind
{
    Counter,
    Gauge,
    Histogram,
}
