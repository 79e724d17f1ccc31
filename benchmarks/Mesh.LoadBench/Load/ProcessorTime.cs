using System.Diagnostics;
using System.Globalization;

namespace Mesh.LoadBench.Load;

/// <summary>Processor time of a process, kernel time included, as the kernel accounts for it.</summary>
internal static class ProcessorTime
{
    /// <summary>Linux shows times of processes in hundredths of a second, whatever its own clock is.</summary>
    private const double TicksPerSecond = 100;

    /// <summary>A process and those it has started and that still run; the process alone where the kernel does not say.</summary>
    public static double SecondsOfFamily(int processId)
    {
        var id = processId.ToString(CultureInfo.InvariantCulture);
        var path = $"/proc/{id}/task/{id}/children";
        var children = File.Exists(path)
            ? File.ReadAllText(path).Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            : [];
        return SecondsOf(processId) + children.Sum(static child => SecondsOfFamily(int.Parse(child, CultureInfo.InvariantCulture)));
    }

    public static double SecondsOf(int processId)
    {
        var path = $"/proc/{processId.ToString(CultureInfo.InvariantCulture)}/stat";
        if (!File.Exists(path))
        {
            using var process = Process.GetProcessById(processId);
            return process.TotalProcessorTime.TotalSeconds;
        }

        // The second field is the program's name and may hold spaces; what follows its bracket is plain.
        var text = File.ReadAllText(path);
        var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
        const int User = 11;
        const int Kernel = 12;
        return (long.Parse(fields[User], CultureInfo.InvariantCulture) +
                long.Parse(fields[Kernel], CultureInfo.InvariantCulture)) / TicksPerSecond;
    }
}
