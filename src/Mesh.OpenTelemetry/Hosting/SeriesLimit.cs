using OpenTelemetry.Metrics;

namespace Mesh.OpenTelemetry.Hosting;

/// <summary>
/// How many series one instrument may have. What comes after them is counted together, under
/// <c>otel.metric.overflow</c>: names that users make up must not fill the memory of the process, or of Prometheus.
/// </summary>
internal static class SeriesLimit
{
    /// <summary>
    /// Thirty upstreams with three routes and five outcomes each fit; a histogram of the platform then is at most 8,500
    /// lines of a scrape, where the SDK's own 2,000 would make 34,000.
    /// </summary>
    public const int PerInstrument = 500;

    public static void Set(MeterProviderBuilder metrics) =>
#pragma warning disable CS0618 // A view for every instrument would double those the application has views for.
        metrics.SetMaxMetricPointsPerMetricStream(PerInstrument);
#pragma warning restore CS0618 // End of the above.
}
