using System.Globalization;

namespace Mesh.Scenarios.Tests.Herds;

/// <summary>Connections as the kernel counts them.</summary>
internal static class Connections
{
    private const string Established = "01";

    /// <summary>How many are open to a port of this machine, whoever opened them.</summary>
    public static int To(int port)
    {
        var remote = $":{port.ToString("X4", CultureInfo.InvariantCulture)}";
        return new[] { "/proc/net/tcp", "/proc/net/tcp6" }.Where(File.Exists).SelectMany(File.ReadLines)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Count(fields => fields.Length > 3 && fields[3] == Established &&
                             fields[2].EndsWith(remote, StringComparison.OrdinalIgnoreCase));
    }
}
