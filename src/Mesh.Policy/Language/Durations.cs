using System.Globalization;

namespace Mesh.Policy.Language;

/// <summary>Durations as documents write them: a whole number and <c>ms</c>, <c>s</c>, <c>m</c> or <c>h</c>.</summary>
internal static class Durations
{
    public const string Pattern = "^[0-9]{1,12}(ms|s|m|h)$";

    private const long Longest = 1_000_000_000_000;

    private static readonly (string Unit, long Milliseconds)[] Units =
        [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000)];

    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = default;
        var digits = text.AsSpan().IndexOfAnyExceptInRange('0', '9');
        if (digits is < 1 or > 12)
        {
            return false;
        }

        foreach (var (unit, milliseconds) in Units)
        {
            if (text.AsSpan(digits).SequenceEqual(unit))
            {
                var amount = long.Parse(text.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture);

                // Twelve digits of hours overflow a TimeSpan; every bound of the language is far below the cut.
                duration = TimeSpan.FromMilliseconds(Math.Min(amount * milliseconds, Longest));
                return true;
            }
        }

        return false;
    }

    /// <summary>In the largest unit that gives a whole number.</summary>
    public static string Format(TimeSpan duration)
    {
        var total = (long)duration.TotalMilliseconds;
        var (unit, milliseconds) = Units.Last(u => total % u.Milliseconds == 0 && (total != 0 || u.Unit == "s"));
        return string.Create(CultureInfo.InvariantCulture, $"{total / milliseconds}{unit}");
    }

    /// <summary>
    /// What was probably meant by a text that is almost a duration: <c>1.5s</c>, <c>2 s</c>, <c>2 sec</c>.
    /// </summary>
    public static string? Suggest(string text)
    {
        var compact = text.Replace(" ", "", StringComparison.Ordinal).ToLowerInvariant();
        var end = compact.AsSpan().IndexOfAnyExcept("0123456789.");
        if (end < 1 || !decimal.TryParse(compact.AsSpan(0, end), CultureInfo.InvariantCulture, out var amount))
        {
            return null;
        }

        var written = compact[end..];
        var unit = written switch
        {
            "ms" or "msec" or "millis" or "milliseconds" => 1L,
            "s" or "sec" or "secs" or "second" or "seconds" => 1_000,
            "m" or "min" or "mins" or "minute" or "minutes" => 60_000,
            "h" or "hr" or "hour" or "hours" => 3_600_000,
            _ => 0,
        };
        return unit == 0 || amount > 1_000_000
            ? null
            : Format(TimeSpan.FromMilliseconds((long)Math.Round(amount * unit)));
    }
}
