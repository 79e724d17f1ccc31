using System.Globalization;

namespace Mesh.Client.Attempts;

/// <summary>Reads <c>Retry-After</c>.</summary>
internal static class RetryAfter
{
    /// <summary>What is honoured at most: 300 s, as Envoy does. A day in the header is a mistake, not a wish.</summary>
    public static readonly TimeSpan Cap = TimeSpan.FromSeconds(300);

    /// <summary>The header's name.</summary>
    public const string Header = "Retry-After";

    /// <summary>The header with the time at which the peer answered.</summary>
    public const string Date = "Date";

    /// <summary>The wait asked for, from 0 to <see cref="Cap"/>; <see langword="null"/> for anything unreadable.</summary>
    /// <param name="value">Seconds, or a date.</param>
    /// <param name="answered">
    /// When the peer answered, by its own clock: a date is a wait only by the clock of who wrote it, and ours may differ.
    /// </param>
    public static TimeSpan? Parse(string? value, string? answered)
    {
        if (value is null)
        {
            return null;
        }

        if (ulong.TryParse(value.AsSpan().Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
        {
            return seconds < (ulong)Cap.TotalSeconds ? TimeSpan.FromSeconds(seconds) : Cap;
        }

        if (!TryParseDate(value, out var date) || !TryParseDate(answered, out var now))
        {
            return null;
        }

        var wait = date - now;
        return wait <= TimeSpan.Zero ? TimeSpan.Zero : wait < Cap ? wait : Cap;
    }

    private static bool TryParseDate(string? value, out DateTimeOffset date) => DateTimeOffset.TryParseExact(
        value, "r", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out date);
}
