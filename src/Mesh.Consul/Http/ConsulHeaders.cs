using System.Globalization;

namespace Mesh.Consul;

/// <summary>Reads the headers of Consul's answers.</summary>
internal static class ConsulHeaders
{
    private const string Index = "X-Consul-Index";
    private const string KnownLeader = "X-Consul-KnownLeader";
    private const string Filtered = "X-Consul-Results-Filtered-By-ACLs";
    private const string LastContact = "X-Consul-LastContact";

    public static bool HasIndex(HttpResponseMessage response) => Number(response, Index) is not null;

    public static ConsulResponse<T> Wrap<T>(HttpResponseMessage response, T value, bool notFound) => new(
        value,
        Number(response, Index) ?? 0,
        Text(response, KnownLeader) != "false",
        TimeSpan.FromMilliseconds(Math.Min(Number(response, LastContact) ?? 0, int.MaxValue)),
        response.Headers.Date,
        notFound)
    {
        FilteredByAcls = string.Equals(Text(response, Filtered), "true", StringComparison.OrdinalIgnoreCase),
    };

    private static string? Text(HttpResponseMessage response, string header) =>
        response.Headers.NonValidated.TryGetValues(header, out var values) ? values.ToString() : null;

    private static ulong? Number(HttpResponseMessage response, string header) =>
        ulong.TryParse(Text(response, header), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;
}
