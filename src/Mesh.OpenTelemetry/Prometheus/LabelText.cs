using System.Globalization;
using System.Text;
using OpenTelemetry;

namespace Mesh.OpenTelemetry.Prometheus;

/// <summary>Writes the labels of a sample, without the braces. Used by one scrape at a time.</summary>
internal sealed class LabelText
{
    private readonly List<KeyValuePair<string, string>> _labels = [];
    private readonly StringBuilder _text = new();

    /// <summary>Labels of a metric's every sample.</summary>
    public static List<KeyValuePair<string, string>> Common(
        string scope, string? version, IEnumerable<KeyValuePair<string, object?>>? scopeTags, string? service)
    {
        var labels = new List<KeyValuePair<string, string>> { new("otel_scope_name", scope) };
        if (!string.IsNullOrEmpty(version))
        {
            labels.Add(new("otel_scope_version", version));
        }

        foreach (var tag in scopeTags ?? [])
        {
            labels.Add(new("otel_scope_" + PrometheusName.OfLabel(tag.Key).TrimStart('_'), ValueOf(tag.Value)));
        }

        if (service is not null)
        {
            labels.Add(new("service_name", service));
        }

        return labels;
    }

    /// <summary>
    /// The labels of one point. Keys that become the same label share it, their values joined by a semicolon; a tag of
    /// the application goes before a common label of the same name.
    /// </summary>
    public string Of(List<KeyValuePair<string, string>> common, in ReadOnlyTagCollection tags)
    {
        _labels.Clear();
        foreach (var tag in tags)
        {
            // What says where a bucket ends is the format's own.
            var key = PrometheusName.OfLabel(tag.Key);
            Add(key is "le" or "quantile" ? "exported_" + key : key, ValueOf(tag.Value));
        }

        var own = _labels.Count;
        foreach (var label in common)
        {
            if (_labels.FindIndex(0, own, l => l.Key == label.Key) < 0)
            {
                _labels.Add(label);
            }
        }

        return Join();
    }

    /// <summary>The attributes of a resource.</summary>
    public string Of(IEnumerable<KeyValuePair<string, object>> attributes)
    {
        _labels.Clear();
        foreach (var attribute in attributes)
        {
            Add(PrometheusName.OfLabel(attribute.Key), ValueOf(attribute.Value));
        }

        return Join();
    }

    private void Add(string key, string value)
    {
        var same = _labels.FindIndex(l => l.Key == key);
        if (same < 0)
        {
            _labels.Add(new(key, value));
        }
        else
        {
            _labels[same] = new(key, $"{_labels[same].Value};{value}");
        }
    }

    private string Join()
    {
        _text.Clear();
        foreach (var (key, value) in _labels)
        {
            _text.Append(_text.Length > 0 ? "," : "").Append(key).Append("=\"");
            Escape(value);
            _text.Append('"');
        }

        return _text.ToString();
    }

    private void Escape(string value)
    {
        foreach (var c in value)
        {
            _ = c switch
            {
                '\\' => _text.Append(@"\\"),
                '"' => _text.Append("\\\""),
                '\n' => _text.Append(@"\n"),
                _ => _text.Append(c),
            };
        }
    }

    private static string ValueOf(object? value) => value switch
    {
        null => "",
        bool b => b ? "true" : "false",
        string s => s,
        Array array => "[" + string.Join(',', array.Cast<object?>().Select(ValueOf)) + "]",
        IFormattable f => f.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };
}
