using System.Globalization;
using System.Net;

namespace Mesh.AspNetCore.Registering;

/// <summary>
/// An address as an operator writes it: a host, and the port when it differs from the one Kestrel bound.
/// </summary>
internal readonly record struct PublishedAddress(string Host, int? Port)
{
    public static bool TryParse(string text, out PublishedAddress address)
    {
        address = default;
        var host = text;
        int? port = null;
        var colon = text.LastIndexOf(':');
        var bracketed = text.StartsWith('[') && text.Contains(']');

        // More than one colon without brackets is an IPv6 address without a port.
        if (colon > 0 && (bracketed ? text[colon - 1] == ']' : text.IndexOf(':') == colon))
        {
            var digits = text.AsSpan(colon + 1);
            if (!ushort.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ||
                number == 0)
            {
                return false;
            }

            port = number;
            host = text[..colon];
        }

        host = bracketed ? host.Trim('[', ']') : host;
        if (Uri.CheckHostName(host) == UriHostNameType.Unknown || IsWildcard(host))
        {
            return false;
        }

        address = new PublishedAddress(host, port);
        return true;
    }

    private static bool IsWildcard(string host) =>
        IPAddress.TryParse(host, out var ip) && (ip.Equals(IPAddress.Any) || ip.Equals(IPAddress.IPv6Any));
}
