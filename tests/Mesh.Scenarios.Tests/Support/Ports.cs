using System.Net;
using System.Net.NetworkInformation;

namespace Mesh.Scenarios.Tests.Support;

/// <summary>
/// Ports for processes that come back at the same address. Below the range from which the system serves outgoing
/// connections, which could take one meanwhile.
/// </summary>
internal static class Ports
{
    private const int First = 12_000;
    private const int Count = 8_000;

    private static int _next = Random.Shared.Next(Count);

    public static int Next()
    {
        var taken = IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Select(l => l.Port).ToHashSet();
        while (true)
        {
            var port = First + (Interlocked.Increment(ref _next) % Count);
            if (!taken.Contains(port))
            {
                return port;
            }
        }
    }
}
