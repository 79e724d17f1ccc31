using System.Runtime.InteropServices;

namespace Shop.Host;

/// <summary>Unix signals to a process.</summary>
internal static partial class Signals
{
    public const int Kill = 9;
    public const int Terminate = 15;
    public const int Continue = 18;
    public const int Stop = 19;

    /// <summary>Sends a signal; false when the process is gone.</summary>
    public static bool Send(int pid, int signal)
    {
        // macOS numbers the job-control signals differently.
        var number = OperatingSystem.IsMacOS() ? signal switch { Continue => 19, Stop => 17, _ => signal } : signal;
        return kill(pid, number) == 0;
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int kill(int pid, int signal);
}
