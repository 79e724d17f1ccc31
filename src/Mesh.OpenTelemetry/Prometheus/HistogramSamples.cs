using OpenTelemetry.Metrics;

namespace Mesh.OpenTelemetry.Prometheus;

/// <summary>A histogram as Prometheus counts: each bucket holds those below it too.</summary>
internal static class HistogramSamples
{
    public static void Write(ExpositionWriter writer, string name, in MetricPoint point, string labels)
    {
        long count = 0;
        var begin = double.NegativeInfinity;
        var hasExemplars = point.TryGetExemplars(out var exemplars) && writer.Format == ExpositionFormat.OpenMetrics;
        foreach (var bucket in point.GetHistogramBuckets())
        {
            count += bucket.BucketCount;
            writer.Bucket(name, labels, bucket.ExplicitBound, count);
            if (hasExemplars)
            {
                WriteExemplarOf(writer, exemplars, begin, bucket.ExplicitBound);
            }

            writer.EndLine();
            begin = bucket.ExplicitBound;
        }

        WriteSum(writer, name, point, labels);
    }

    /// <summary>
    /// An exponential histogram has no fixed buckets, which the text formats need: its sum and count are there, and one
    /// bucket for everything.
    /// </summary>
    public static void WriteEnds(ExpositionWriter writer, string name, in MetricPoint point, string labels)
    {
        writer.Bucket(name, labels, double.PositiveInfinity, point.GetHistogramCount());
        writer.EndLine();
        WriteSum(writer, name, point, labels);
    }

    public static void WriteExemplar(ExpositionWriter writer, in Exemplar exemplar, double value)
    {
        if (exemplar.TraceId != default)
        {
            writer.Exemplar(exemplar.TraceId.ToHexString(), exemplar.SpanId.ToHexString(), value, exemplar.Timestamp);
        }
    }

    private static void WriteExemplarOf(
        ExpositionWriter writer, in ReadOnlyExemplarCollection exemplars, double begin, double end)
    {
        foreach (ref readonly var exemplar in exemplars)
        {
            if (exemplar.DoubleValue > begin && exemplar.DoubleValue <= end)
            {
                WriteExemplar(writer, exemplar, exemplar.DoubleValue);
                return;
            }
        }
    }

    private static void WriteSum(ExpositionWriter writer, string name, in MetricPoint point, string labels)
    {
        writer.Sample(name + "_sum", labels, point.GetHistogramSum());
        writer.EndLine();
        writer.Sample(name + "_count", labels, point.GetHistogramCount());
        writer.EndLine();
    }
}
