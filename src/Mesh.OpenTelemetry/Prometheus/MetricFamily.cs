using OpenTelemetry.Metrics;

namespace Mesh.OpenTelemetry.Prometheus;

/// <summary>The name and kind under which Prometheus knows a metric of OpenTelemetry.</summary>
/// <param name="Name">With its unit, without the suffix of counters.</param>
/// <param name="Unit">In Prometheus' words; empty when there is none.</param>
/// <param name="Kind">What it is.</param>
internal readonly record struct MetricFamily(string Name, string Unit, MetricKind Kind)
{
    private const string Total = "_total";

    // Names that belong to the parts of histograms and summaries: a gauge under one of them could be taken for such a
    // part.
    private static readonly string[] Parts = ["_count", "_sum", "_bucket"];

    public static MetricFamily Of(Metric metric) => Of(metric.Name, metric.Unit, KindOf(metric.MetricType));

    /// <summary>By the rules for compatibility between OpenTelemetry and Prometheus.</summary>
    public static MetricFamily Of(string name, string unit, MetricKind kind)
    {
        var family = PrometheusName.OfMetric(name);
        if (kind == MetricKind.Counter && family.Length > Total.Length
            && family.EndsWith(Total, StringComparison.Ordinal))
        {
            family = family[..^Total.Length];
        }

        var word = PrometheusUnit.Of(unit);
        if (word.Length > 0 && family != word && !family.EndsWith("_" + word, StringComparison.Ordinal))
        {
            family += "_" + word;
        }

        if (kind == MetricKind.Gauge && Array.Exists(Parts, part => family.EndsWith(part, StringComparison.Ordinal)))
        {
            family += "_value";
        }

        return new MetricFamily(family, word, kind);
    }

    /// <summary>The name on samples of counters and gauges.</summary>
    public string SampleName => Kind == MetricKind.Counter ? Name + Total : Name;

    /// <summary>
    /// The name in the lines that describe it: in the text format a counter is described under its sample's.
    /// </summary>
    public string DescribedName(ExpositionFormat format) => format == ExpositionFormat.Text ? SampleName : Name;

    public string KindWord => Kind switch
    {
        MetricKind.Counter => "counter",
        MetricKind.Histogram => "histogram",
        _ => "gauge",
    };

    private static MetricKind KindOf(MetricType type) => type switch
    {
        MetricType.LongSum or MetricType.DoubleSum => MetricKind.Counter,
        MetricType.Histogram or MetricType.ExponentialHistogram => MetricKind.Histogram,
        _ => MetricKind.Gauge,
    };
}
