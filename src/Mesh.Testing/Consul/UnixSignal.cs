using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Mesh.Testing;

/// <summary>Sends signals to a process; .NET itself can only kill one.</summary>
internal static class UnixSignal
{
    public const int Kill = 9;
    public const int Terminate = 15;

    // Linux and macOS number these two differently.
    public static readonly int Stop = OperatingSystem.IsLinux() ? 19 : 17;
    public static readonly int Continue = OperatingSystem.IsLinux() ? 18 : 19;

    private static readonly TimeSpan StopBound = TimeSpan.FromSeconds(10);

    /// <exception cref="Win32Exception">The process is gone or is not ours.</exception>
    public static void Send(int processId, int signal)
    {
        if (NativeKill(processId, signal) != 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }

    /// <summary>
    /// Waits until a stop signal has stopped every thread: on a busy machine one may still run, and answer, for a
    /// while. Linux only; elsewhere nothing tells, and the signal is left to work by itself.
    /// </summary>
    public static void WaitUntilStopped(int processId)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (OperatingSystem.IsLinux() && !AllThreadsStopped(processId))
        {
            if (TimeProvider.System.GetElapsedTime(started) > StopBound)
            {
                throw new TimeoutException($"The process {processId} did not stop within {StopBound}.");
            }

            Thread.Sleep(1);
        }
    }

    private static bool AllThreadsStopped(int processId)
    {
        try
        {
            // The state letter follows the program's name, which stands in parentheses and may hold any character.
            return Directory.EnumerateDirectories($"/proc/{processId}/task")
                .Select(thread => File.ReadAllText(Path.Combine(thread, "stat")))
                .All(stat => stat[stat.LastIndexOf(')') + 2] is 'T' or 't' or 'Z' or 'X');
        }
        catch (DirectoryNotFoundException)
        {
            return true; // ended meanwhile
        }
        catch (IOException)
        {
            return false; // a thread ended between listing and reading: look again
        }
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int NativeKill(int pid, int signal);
}
