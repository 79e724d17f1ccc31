using System.Buffers;
using System.Globalization;
using System.Text;

namespace Mesh.OpenTelemetry.Prometheus;

/// <summary>The lines of one answer, in either format.</summary>
internal sealed class ExpositionWriter(ExpositionFormat format)
{
    private readonly ArrayBufferWriter<byte> _bytes = new(64 * 1024);

    public ExpositionFormat Format => format;

    /// <summary>What a metric is.</summary>
    public void Describe(in MetricFamily family, string help)
    {
        var name = family.DescribedName(format);
        Line($"# TYPE {name} {family.KindWord}");
        if (format == ExpositionFormat.OpenMetrics && family.Unit.Length > 0)
        {
            Line($"# UNIT {name} {family.Unit}");
        }

        if (help.Length > 0)
        {
            Line($"# HELP {name} {EscapeHelp(help)}");
        }
    }

    /// <summary>Who the process is; its name is fixed in both formats.</summary>
    public void Target(string labels)
    {
        if (labels.Length == 0)
        {
            return;
        }

        var openMetrics = format == ExpositionFormat.OpenMetrics;
        Line(openMetrics ? "# TYPE target info" : "# TYPE target_info gauge");
        Line($"# HELP {(openMetrics ? "target" : "target_info")} Who this process is.");
        Line($"target_info{{{labels}}} 1");
    }

    /// <summary>One sample, to its value.</summary>
    public void Sample(string name, string labels, double value)
    {
        Text(name);
        Text("{");
        Text(labels);
        Text("} ");
        Number(value);
    }

    /// <summary>One bucket: how many values are not above its end.</summary>
    public void Bucket(string name, string labels, double end, long count)
    {
        Text(name);
        Text("_bucket{");
        Text(labels);
        Text(labels.Length > 0 ? ",le=\"" : "le=\"");
        Text(End(end));
        Text("\"} ");
        Number(count);
    }

    /// <summary>Which trace a value of the sample just written came from. The text format has no word for it.</summary>
    public void Exemplar(string trace, string span, double value, DateTimeOffset time)
    {
        if (format == ExpositionFormat.OpenMetrics)
        {
            var seconds = time.ToUnixTimeMilliseconds() / 1000d;
            Text($" # {{trace_id=\"{trace}\",span_id=\"{span}\"}} ");
            Number(value);
            Text(string.Create(CultureInfo.InvariantCulture, $" {seconds:0.000}"));
        }
    }

    public void EndLine() => Text("\n");

    /// <summary>The whole answer.</summary>
    public ReadOnlyMemory<byte> Finish()
    {
        if (format == ExpositionFormat.OpenMetrics)
        {
            Line("# EOF");
        }

        return _bytes.WrittenMemory;
    }

    // OpenMetrics wants the ends of buckets to look like the floating-point numbers they are.
    private string End(double end) => double.IsPositiveInfinity(end)
        ? "+Inf"
        : end.ToString(CultureInfo.InvariantCulture) is var text && format == ExpositionFormat.OpenMetrics
            && !text.AsSpan().ContainsAny('.', 'E')
                ? text + ".0"
                : text;

    private string EscapeHelp(string help)
    {
        var text = help.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("\n", @"\n", StringComparison.Ordinal);
        return format == ExpositionFormat.OpenMetrics ? text.Replace("\"", "\\\"", StringComparison.Ordinal) : text;
    }

    private void Number(double value)
    {
        if (!double.IsFinite(value))
        {
            Text(double.IsNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf");
            return;
        }

        var span = _bytes.GetSpan(32);
        value.TryFormat(span, out var written, provider: CultureInfo.InvariantCulture);
        _bytes.Advance(written);
    }

    private void Line(string line)
    {
        Text(line);
        EndLine();
    }

    private void Text(string text) => Encoding.UTF8.GetBytes(text, _bytes);
}
