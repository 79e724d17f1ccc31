using System.Globalization;

namespace Shop.Host;

/// <summary>Durations as people type them: <c>30s</c>, <c>2m</c>, <c>500ms</c>.</summary>
internal static class Durations
{
    public static TimeSpan? Parse(string? text)
    {
        if (text is null)
        {
            return null;
        }

        foreach (var (unit, seconds) in ((string, double)[])[("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600)])
        {
            if (text.EndsWith(unit, StringComparison.Ordinal) &&
                double.TryParse(text[..^unit.Length], CultureInfo.InvariantCulture, out var number) && number > 0)
            {
                return TimeSpan.FromSeconds(number * seconds);
            }
        }

        throw new ArgumentException($"--for {text}: not a duration; write 30s, 2m or 500ms.");
    }
}
