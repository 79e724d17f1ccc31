using System.Text;

namespace Mesh.OpenTelemetry.Prometheus;

/// <summary>Units of OpenTelemetry, which are UCUM's, in the words of Prometheus.</summary>
internal static class PrometheusUnit
{
    /// <summary>Empty for what is merely counted: <c>{call}</c>, <c>1</c>.</summary>
    public static string Of(string? unit)
    {
        var bare = WithoutAnnotations(unit ?? "");
        if (bare.Length == 0 || bare == "1")
        {
            return "";
        }

        var slash = bare.IndexOf('/');
        if (slash < 0)
        {
            return Sanitize(Word(bare));
        }

        var per = Sanitize(Per(bare[(slash + 1)..]));
        var of = Sanitize(Word(bare[..slash]));
        return per.Length == 0 ? of : $"{(of.Length == 0 || of == "1" ? "" : of + "_")}per_{per}";
    }

    private static string WithoutAnnotations(string unit)
    {
        if (!unit.Contains('{'))
        {
            return unit;
        }

        var text = new StringBuilder();
        var depth = 0;
        foreach (var c in unit)
        {
            depth += c == '{' ? 1 : 0;
            if (depth == 0)
            {
                text.Append(c);
            }

            depth -= c == '}' && depth > 0 ? 1 : 0;
        }

        return text.ToString();
    }

    private static string Sanitize(string word) => word.Length == 0 ? "" : PrometheusName.OfMetric(word).Trim('_');

    private static string Word(string unit) => unit switch
    {
        "d" => "days",
        "h" => "hours",
        "min" => "minutes",
        "s" => "seconds",
        "ms" => "milliseconds",
        "us" => "microseconds",
        "ns" => "nanoseconds",
        "By" => "bytes",
        "KiBy" => "kibibytes",
        "MiBy" => "mebibytes",
        "GiBy" => "gibibytes",
        "TiBy" => "tebibytes",
        "kBy" or "KBy" => "kilobytes",
        "MBy" => "megabytes",
        "GBy" => "gigabytes",
        "TBy" => "terabytes",
        "m" => "meters",
        "V" => "volts",
        "A" => "amperes",
        "J" => "joules",
        "W" => "watts",
        "g" => "grams",
        "Cel" => "celsius",
        "Hz" => "hertz",
        "%" => "percent",
        _ => unit,
    };

    private static string Per(string unit) => unit switch
    {
        "s" => "second",
        "min" or "m" => "minute",
        "h" => "hour",
        "d" => "day",
        "w" => "week",
        "mo" => "month",
        "y" => "year",
        _ => unit,
    };
}
