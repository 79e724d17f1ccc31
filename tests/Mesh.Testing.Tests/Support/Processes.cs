using System.Diagnostics;

namespace Mesh.Testing.Tests;

internal static class Processes
{
    public static bool IsAlive(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            return !OperatingSystem.IsLinux() || State(id) is not 'Z';
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    /// <summary>The state letter Linux shows for a process: R, S, T (stopped), Z (ended, not reaped).</summary>
    public static char State(int id)
    {
        var stat = File.ReadAllText($"/proc/{id}/stat");
        return stat[stat.LastIndexOf(')') + 2];
    }
}
