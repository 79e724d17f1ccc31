using System.Runtime.InteropServices;

namespace Mesh.Scenarios.Tests.Support;

/// <summary>Unix signals to a process.</summary>
internal static class Signals
{
    public const int Terminate = 15;

    // macOS numbers the signals of job control differently.
    public static int Continue => OperatingSystem.IsMacOS() ? 19 : 18;

    public static int Stop => OperatingSystem.IsMacOS() ? 17 : 19;

    public static void Send(int pid, int signal) =>
        Assert.True(
            kill(pid, signal) == 0, $"Signal {signal} to process {pid}: error {Marshal.GetLastPInvokeError()}.");

    [DllImport("libc", SetLastError = true)]
    private static extern int kill(int pid, int signal);
}
