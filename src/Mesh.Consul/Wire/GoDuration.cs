using System.Globalization;

namespace Mesh.Consul;

/// <summary>Durations as Go writes them, in whole milliseconds: Consul reads nothing finer.</summary>
internal static class GoDuration
{
    public static string Format(TimeSpan value) =>
        string.Create(CultureInfo.InvariantCulture, $"{(long)Math.Ceiling(value.TotalMilliseconds)}ms");
}
