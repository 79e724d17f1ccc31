using System.Globalization;

namespace Mesh.Policy.Language;

/// <summary>JSON pointers (RFC 6901).</summary>
internal static class Pointer
{
    public static string Append(string path, string name) =>
        $"{path}/{name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}";

    public static string Append(string path, int index) =>
        string.Create(CultureInfo.InvariantCulture, $"{path}/{index}");
}
