using System.Globalization;

namespace Mesh.Client.Hosting;

/// <summary>
/// Brings one value of the configuration into the form the platform's binder reads, or says what is wrong with it. The
/// binder alone would stop at the first bad value, and take <c>"2"</c> for two days.
/// </summary>
internal static class MeshSettingReader
{
    /// <summary>Settings that are not plain text, by path; <c>*</c> stands for a name or an index.</summary>
    internal static readonly Dictionary<string, MeshSettingKind> Kinds = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Adopt"] = MeshSettingKind.Adoption,
        ["UnknownServices"] = MeshSettingKind.UnknownServices,
        ["CountBypassed"] = MeshSettingKind.Flag,
        ["Upstreams:*:Port"] = MeshSettingKind.Number,
        ["Upstreams:*:Sidecar"] = MeshSettingKind.Flag,
        ["Connections:RenewWithin"] = MeshSettingKind.Duration,
        ["Connections:BreakAfter"] = MeshSettingKind.Duration,
        ["Consul:SslVerify"] = MeshSettingKind.Flag,
        ["Consul:MaxBlockingQueries"] = MeshSettingKind.Number,
        ["Discovery:UseConsul"] = MeshSettingKind.Flag,
        ["Discovery:KeepLastGood"] = MeshSettingKind.Flag,
        ["Discovery:FirstAnswerTimeout"] = MeshSettingKind.Duration,
        ["Discovery:SuspectWindow"] = MeshSettingKind.Duration,
        ["Discovery:IdleWatch"] = MeshSettingKind.Duration,
        ["Identity:Source"] = MeshSettingKind.IdentitySource,
        ["Identity:AllowDevelopment"] = MeshSettingKind.Flag,
        ["Snapshot:Enabled"] = MeshSettingKind.Flag,
        ["Snapshot:MaxAge"] = MeshSettingKind.Duration,
        ["Telemetry:Paths"] = MeshSettingKind.Flag,
        ["AccessLog:Mode"] = MeshSettingKind.AccessLogMode,
        ["AccessLog:Sample"] = MeshSettingKind.Share,
        ["AccessLog:LinesPerSecond"] = MeshSettingKind.Number,
    };

    /// <summary>Units of a duration and their length in milliseconds; longer names first, since <c>ms</c> ends in <c>s</c>.</summary>
    private static readonly (string Unit, double Milliseconds)[] Units =
        [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];

    /// <summary>Reads a value.</summary>
    /// <param name="path">Its path below the section, e.g. <c>Discovery:IdleWatch</c>.</param>
    /// <param name="value">Its text.</param>
    /// <param name="readable">The text the binder is to see.</param>
    /// <param name="expected">What should have stood there, when it cannot be read.</param>
    public static bool TryRead(string path, string value, out string readable, out string expected)
    {
        readable = value;
        expected = "";
        return !Kinds.TryGetValue(Pattern(path), out var kind) || TryRead(kind, value, out readable, out expected);
    }

    /// <summary>Reads a value of a known kind.</summary>
    /// <param name="kind">What it is.</param>
    /// <param name="value">Its text.</param>
    /// <param name="readable">The text the binder is to see.</param>
    /// <param name="expected">What should have stood there.</param>
    public static bool TryRead(MeshSettingKind kind, string value, out string readable, out string expected)
    {
        readable = value;
        switch (kind)
        {
            case MeshSettingKind.Flag:
                expected = "true or false";
                return bool.TryParse(value, out _);
            case MeshSettingKind.Number:
                expected = "a whole number";
                return int.TryParse(value, NumberStyles.Integer, CultureInfo.InvariantCulture, out _);
            case MeshSettingKind.Duration:
                expected = "a duration such as \"250ms\", \"2s\", \"10m\", \"24h\" or \"00:00:02\"";
                return TryReadDuration(value.Trim(), out readable);
            case MeshSettingKind.Adoption:
                expected = $"one of {string.Join(", ", Enum.GetNames<MeshAdoption>())}";
                return IsName(value, Enum.GetNames<MeshAdoption>());
            case MeshSettingKind.AccessLogMode:
                expected = $"one of {string.Join(", ", Enum.GetNames<MeshAccessLogMode>())}";
                return IsName(value, Enum.GetNames<MeshAccessLogMode>());
            case MeshSettingKind.IdentitySource:
                expected = $"one of {string.Join(", ", Enum.GetNames<MeshIdentitySource>())}";
                return IsName(value, Enum.GetNames<MeshIdentitySource>());
            case MeshSettingKind.Share:
                expected = "a share such as \"5%\" or \"0.05\"";
                return TryReadShare(value.Trim(), out readable);
            default:
                expected = $"one of {string.Join(", ", Enum.GetNames<UnknownServices>())}";
                return IsName(value, Enum.GetNames<UnknownServices>());
        }
    }

    /// <summary>The names of upstreams are the only part of a path that is free.</summary>
    private static string Pattern(string path)
    {
        var parts = path.Split(':');
        if (parts.Length > 2 && parts[0].Equals("Upstreams", StringComparison.OrdinalIgnoreCase))
        {
            parts[1] = "*";
        }

        return string.Join(':', parts);
    }

    private static bool TryReadDuration(string value, out string readable)
    {
        readable = value;
        foreach (var (unit, milliseconds) in Units)
        {
            if (value.EndsWith(unit, StringComparison.OrdinalIgnoreCase))
            {
                var number = value.AsSpan(0, value.Length - unit.Length).TrimEnd();
                if (!double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count) ||
                    count * milliseconds > TimeSpan.MaxValue.TotalMilliseconds / 2)
                {
                    return false;
                }

                readable = TimeSpan.FromMilliseconds(count * milliseconds).ToString("c", CultureInfo.InvariantCulture);
                return true;
            }
        }

        // A bare number would be days: too far from what anybody means by "30".
        return value.Contains(':') && TimeSpan.TryParse(value, CultureInfo.InvariantCulture, out _);
    }

    private static bool TryReadShare(string value, out string readable)
    {
        var isPercentage = value.EndsWith('%');
        var number = isPercentage ? value[..^1].TrimEnd() : value;
        var isNumber = double.TryParse(
            number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var share);
        readable = (isPercentage ? share / 100 : share).ToString("R", CultureInfo.InvariantCulture);
        return isNumber;
    }

    private static bool IsName(string value, string[] names) => names.Contains(value, StringComparer.OrdinalIgnoreCase);
}
