namespace Mesh.OpenTelemetry.Prometheus;

/// <summary>Names as Prometheus takes them.</summary>
internal static class PrometheusName
{
    /// <summary>Letters, digits, colons; everything else becomes one underscore.</summary>
    public static string OfMetric(string name) => Convert(name, colons: true);

    /// <summary>
    /// As <see cref="OfMetric"/>, without colons, and never with the two underscores that are Prometheus' own.
    /// </summary>
    public static string OfLabel(string key)
    {
        var label = Convert(key, colons: false);
        return label.StartsWith("__", StringComparison.Ordinal) ? "key" + label : label;
    }

    private static string Convert(string name, bool colons)
    {
        if (IsFine(name, colons))
        {
            return name;
        }

        Span<char> buffer = name.Length < 256 ? stackalloc char[name.Length + 1] : new char[name.Length + 1];
        var length = 0;
        if (name.Length > 0 && char.IsAsciiDigit(name[0]))
        {
            buffer[length++] = '_';
        }

        foreach (var c in name)
        {
            var isGood = char.IsAsciiLetterOrDigit(c) || (colons && c == ':');
            if (isGood || length == 0 || buffer[length - 1] != '_')
            {
                buffer[length++] = isGood ? c : '_';
            }
        }

        return length == 0 ? "_" : new string(buffer[..length]);
    }

    private static bool IsFine(string name, bool colons)
    {
        if (name.Length == 0 || char.IsAsciiDigit(name[0]))
        {
            return false;
        }

        for (var i = 0; i < name.Length; i++)
        {
            var c = name[i];
            var isGood = char.IsAsciiLetterOrDigit(c) || (colons && c == ':')
                || (c == '_' && (i == 0 || name[i - 1] != '_'));
            if (!isGood)
            {
                return false;
            }
        }

        return true;
    }
}
