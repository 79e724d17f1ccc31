namespace Mesh.AspNetCore.Inspection;

/// <summary>Numbers as views show them: rounded to what can be told apart.</summary>
internal static class Figures
{
    public static double Seconds(TimeSpan time) => Math.Round(time.TotalSeconds, 1);

    public static double? Seconds(TimeSpan? time) => time is { } known ? Seconds(known) : null;

    public static double Milliseconds(TimeSpan time) => Math.Round(time.TotalMilliseconds, 1);

    public static double? Milliseconds(TimeSpan? time) => time is { } known ? Milliseconds(known) : null;

    /// <summary>Of seconds.</summary>
    public static double Milliseconds(double seconds) => Math.Round(seconds * 1000, 3);

    /// <summary>To three significant digits, so that small costs stay apart.</summary>
    public static double Significant(double value)
    {
        if (value == 0 || !double.IsFinite(value))
        {
            return 0;
        }

        var scale = Math.Pow(10, Math.Floor(Math.Log10(Math.Abs(value))) - 2);
        return Math.Round(Math.Round(value / scale) * scale, 9);
    }
}
