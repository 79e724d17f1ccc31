using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Mesh.OpenTelemetry.Prometheus;

/// <summary>Formats by the headers of HTTP.</summary>
internal static class ExpositionFormats
{
    private const string OpenMetrics = "application/openmetrics-text";
    private const string Plain = "text/plain";

    /// <summary>
    /// OpenMetrics for who names it, in a version we write, and does not like the text format better. A header that
    /// cannot be read asks for nothing in particular.
    /// </summary>
    public static ExpositionFormat Negotiate(StringValues accept)
    {
        if (!MediaTypeHeaderValue.TryParseList([.. accept.OfType<string>()], out var ranges))
        {
            return ExpositionFormat.Text;
        }

        double openMetrics = 0;
        double plain = 0;
        foreach (var range in ranges)
        {
            var quality = range.Quality ?? 1;
            if (Is(range, OpenMetrics) && IsWritten(range))
            {
                openMetrics = Math.Max(openMetrics, quality);
            }
            else if (Is(range, Plain))
            {
                plain = Math.Max(plain, quality);
            }
        }

        return openMetrics > 0 && openMetrics >= plain ? ExpositionFormat.OpenMetrics : ExpositionFormat.Text;
    }

    public static string ContentType(ExpositionFormat format) => format == ExpositionFormat.OpenMetrics
        ? OpenMetrics + "; version=1.0.0; charset=utf-8"
        : Plain + "; version=0.0.4; charset=utf-8";

    private static bool Is(MediaTypeHeaderValue range, string type) =>
        range.MediaType.Equals(type, StringComparison.OrdinalIgnoreCase);

    private static bool IsWritten(MediaTypeHeaderValue range)
    {
        foreach (var parameter in range.Parameters)
        {
            if (parameter.Name.Equals("version", StringComparison.OrdinalIgnoreCase))
            {
                return HeaderUtilities.RemoveQuotes(parameter.Value).Equals("1.0.0", StringComparison.Ordinal);
            }
        }

        return true;
    }
}
