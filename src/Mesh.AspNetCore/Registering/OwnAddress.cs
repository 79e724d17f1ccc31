using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Mesh.AspNetCore.Registering;

/// <summary>The address under which others reach this machine.</summary>
internal static class OwnAddress
{
    // Documentation addresses (RFC 5737, RFC 3849): a route to them is the default route, and nobody is there.
    private static readonly IPAddress FarIPv4 = IPAddress.Parse("192.0.2.1");
    private static readonly IPAddress FarIPv6 = IPAddress.Parse("2001:db8::1");

    /// <summary>
    /// The local end of the way to Consul, because callers are where Consul is; when that is loopback, of the default
    /// route; else the first address that is up; else loopback.
    /// </summary>
    public static async Task<IPAddress> FindAsync(Uri consul, bool ipv4Only, CancellationToken cancellationToken)
    {
        var targets = await ResolveAsync(consul, cancellationToken).ConfigureAwait(false);
        return targets.Append(FarIPv4).Append(FarIPv6)
                   .Where(t => !ipv4Only || t.AddressFamily == AddressFamily.InterNetwork)
                   .Select(LocalEnd)
                   .FirstOrDefault(a => a is not null)
               ?? FirstUp(ipv4Only)
               ?? IPAddress.Loopback;
    }

    private static async Task<IPAddress[]> ResolveAsync(Uri consul, CancellationToken cancellationToken)
    {
        if (consul.HostNameType is UriHostNameType.Basic or UriHostNameType.Unknown || consul.Host.Length == 0)
        {
            return [];
        }

        try
        {
            return await Dns.GetHostAddressesAsync(consul.IdnHost, cancellationToken).ConfigureAwait(false);
        }
        catch (SocketException)
        {
            // Consul's name may resolve later; the default route tells as much about this machine.
            return [];
        }
    }

    // Connecting a datagram socket sends nothing: the system only chooses a route.
    private static IPAddress? LocalEnd(IPAddress target)
    {
        try
        {
            using var socket = new Socket(target.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            socket.Connect(target, 9);
            return socket.LocalEndPoint is IPEndPoint { Address: var address } && IsUsable(address) ? address : null;
        }
        catch (SocketException)
        {
            return null;
        }
    }

    private static IPAddress? FirstUp(bool ipv4Only) => NetworkInterface.GetAllNetworkInterfaces()
        .Where(n => n.OperationalStatus == OperationalStatus.Up)
        .SelectMany(n => n.GetIPProperties().UnicastAddresses)
        .Select(u => u.Address)
        .Where(a => IsUsable(a) && (!ipv4Only || a.AddressFamily == AddressFamily.InterNetwork))
        .OrderBy(a => a.AddressFamily == AddressFamily.InterNetwork ? 0 : 1)
        .FirstOrDefault();

    private static bool IsUsable(IPAddress address) =>
        !IPAddress.IsLoopback(address) && !address.IsIPv6LinkLocal &&
        !address.Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any);
}
