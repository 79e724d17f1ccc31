using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace Mesh.OpenTelemetry.Prometheus;

/// <summary>
/// Writes down what the SDK has aggregated, when it is asked: views, resource and exemplars of the pipeline hold. Used
/// by one scrape at a time.
/// </summary>
[ExportModes(ExportModes.Pull)]
internal sealed class PrometheusExporter : BaseExporter<Metric>, IPullMetricExporter
{
    private readonly LabelText _labels = new();
    private ExpositionWriter? _writer;

    /// <summary>Set by the reader; <see langword="null"/> when no pipeline is running.</summary>
    public Func<int, bool>? Collect { get; set; }

    /// <summary>Collects and writes; <see langword="null"/> when that failed.</summary>
    public ReadOnlyMemory<byte>? Write(ExpositionFormat format)
    {
        var writer = _writer = new ExpositionWriter(format);
        try
        {
            return Collect?.Invoke(Timeout.Infinite) == true ? writer.Finish() : null;
        }
        finally
        {
            _writer = null;
        }
    }

    public override ExportResult Export(in Batch<Metric> batch)
    {
        // Nobody asked: the reader collects once more when it ends.
        if (_writer is not { } writer)
        {
            return ExportResult.Success;
        }

        var resource = ParentProvider.GetResource().Attributes.ToArray();
        writer.Target(_labels.Of(resource));
        var service = resource.FirstOrDefault(a => a.Key == "service.name").Value as string;
        foreach (var (family, metrics) in Group(batch))
        {
            Write(writer, family, metrics, service);
        }

        return ExportResult.Success;
    }

    /// <summary>
    /// Metrics of one name are one family, whichever meters they come from, and stand together. What has the name but
    /// is of another kind is left out: Prometheus would refuse the whole answer.
    /// </summary>
    private static SortedDictionary<string, (MetricFamily Family, List<Metric> Metrics)>.ValueCollection Group(
        in Batch<Metric> batch)
    {
        var groups = new SortedDictionary<string, (MetricFamily Family, List<Metric> Metrics)>(StringComparer.Ordinal);
        foreach (var metric in batch)
        {
            var family = MetricFamily.Of(metric);
            if (!groups.TryGetValue(family.Name, out var group))
            {
                groups[family.Name] = group = (family, []);
            }

            if (group.Family.Kind == family.Kind)
            {
                group.Metrics.Add(metric);
            }
        }

        return groups.Values;
    }

    private void Write(ExpositionWriter writer, in MetricFamily family, List<Metric> metrics, string? service)
    {
        writer.Describe(family, metrics[0].Description);

        // Two meters of one name and version may have the same series; a series that comes twice is an error.
        var seen = metrics.Count > 1 ? new HashSet<string>(StringComparer.Ordinal) : null;
        foreach (var metric in metrics)
        {
            var common = LabelText.Common(metric.MeterName, metric.MeterVersion, metric.MeterTags, service);
            foreach (ref readonly var point in metric.GetMetricPoints())
            {
                var labels = _labels.Of(common, point.Tags);
                if (seen?.Add(labels) != false)
                {
                    WritePoint(writer, family, metric.MetricType, point, labels);
                }
            }
        }
    }

    private static void WritePoint(
        ExpositionWriter writer, in MetricFamily family, MetricType type, in MetricPoint point, string labels)
    {
        switch (type)
        {
            case MetricType.Histogram:
                HistogramSamples.Write(writer, family.Name, point, labels);
                return;
            case MetricType.ExponentialHistogram:
                HistogramSamples.WriteEnds(writer, family.Name, point, labels);
                return;
        }

        var value = type switch
        {
            MetricType.LongSum or MetricType.LongSumNonMonotonic => point.GetSumLong(),
            MetricType.DoubleSum or MetricType.DoubleSumNonMonotonic => point.GetSumDouble(),
            MetricType.LongGauge => point.GetGaugeLastValueLong(),
            _ => point.GetGaugeLastValueDouble(),
        };
        writer.Sample(family.SampleName, labels, value);
        if (family.Kind == MetricKind.Counter && point.TryGetExemplars(out var exemplars))
        {
            foreach (ref readonly var exemplar in exemplars)
            {
                var measured = type == MetricType.LongSum ? exemplar.LongValue : exemplar.DoubleValue;
                HistogramSamples.WriteExemplar(writer, exemplar, measured);
                break;
            }
        }

        writer.EndLine();
    }
}
