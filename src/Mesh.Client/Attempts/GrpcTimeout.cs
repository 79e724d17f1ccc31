using System.Globalization;

namespace Mesh.Client.Attempts;

/// <summary>The <c>grpc-timeout</c> header: up to eight digits and a unit.</summary>
internal static class GrpcTimeout
{
    public const string Header = "grpc-timeout";

    private const long MostDigits = 99_999_999;

    /// <summary>The timeout, or <see langword="null"/> for anything the protocol does not allow.</summary>
    public static TimeSpan? Parse(string? value)
    {
        if (value is not { Length: >= 2 and <= 9 }
            || !long.TryParse(value.AsSpan(0, value.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var n))
        {
            return null;
        }

        return value[^1] switch
        {
            'H' => TimeSpan.FromHours(n),
            'M' => TimeSpan.FromMinutes(n),
            'S' => TimeSpan.FromSeconds(n),
            'm' => TimeSpan.FromMilliseconds(n),
            'u' => TimeSpan.FromMicroseconds(n),
            'n' => TimeSpan.FromTicks(n / TimeSpan.NanosecondsPerTick),
            _ => null,
        };
    }

    /// <summary>Writes a timeout in the finest unit that eight digits can hold; never zero.</summary>
    public static string Format(TimeSpan timeout)
    {
        var microseconds = Math.Max(1, timeout.Ticks / TimeSpan.TicksPerMicrosecond);
        var (n, unit) = microseconds switch
        {
            <= MostDigits => (microseconds, 'u'),
            <= MostDigits * 1000 => (microseconds / 1000, 'm'),
            _ => (Math.Min(MostDigits, microseconds / 1_000_000), 'S'),
        };
        return string.Create(CultureInfo.InvariantCulture, $"{n}{unit}");
    }
}
