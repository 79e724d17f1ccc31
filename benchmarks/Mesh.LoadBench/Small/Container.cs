using System.Diagnostics;
using System.Globalization;

namespace Mesh.LoadBench.Small;

/// <summary>
/// A place with a quarter of a processor, 128 MiB and a read-only root. Where cgroup v1 may be written and namespaces made
/// (Linux, root), by these; else the runtime is told of the limits and everything it would write into is out of reach.
/// </summary>
internal sealed class Container : IDisposable
{
    private const string Root = "/sys/fs/cgroup";
    private static readonly string[] Controllers = ["cpu", "memory"];

    private readonly string _name = string.Create(CultureInfo.InvariantCulture, $"mesh-small-{Environment.ProcessId}");

    private Container(bool isReal) => IsReal = isReal;

    /// <summary>The kernel enforces the limits.</summary>
    public bool IsReal { get; }

    /// <summary>How it was done, for the report.</summary>
    public string Means => IsReal
        ? "cgroup v1 (`cpu.cfs_quota_us` 25,000 of 100,000, `memory.limit_in_bytes` 128 MiB) and a mount namespace with a " +
          "read-only root"
        : "no cgroup could be made here: `DOTNET_PROCESSOR_COUNT=1`, `DOTNET_GCHeapHardLimit` 96 MiB, and a home that cannot " +
          "be written; the processor is not limited";

    public static Container Create()
    {
        var container = new Container(isReal: true);
        try
        {
            foreach (var controller in Controllers)
            {
                Directory.CreateDirectory($"{Root}/{controller}/{container._name}");
            }

            File.WriteAllText($"{Root}/cpu/{container._name}/cpu.cfs_period_us", "100000");
            File.WriteAllText($"{Root}/cpu/{container._name}/cpu.cfs_quota_us", "25000");
            File.WriteAllText($"{Root}/memory/{container._name}/memory.limit_in_bytes", "134217728");
            using var probe = Process.Start("unshare", ["-m", "mount", "-o", "remount,ro,bind", "/"]);
            probe.WaitForExit();
            if (probe.ExitCode == 0)
            {
                return container;
            }
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException
            or System.ComponentModel.Win32Exception)
        {
            // Not root, not Linux, or another version of cgroups.
        }

        container.Dispose();
        return new Container(isReal: false);
    }

    /// <summary>How to start a program of this one's kind inside.</summary>
    public ProcessStartInfo Start(IReadOnlyList<string> arguments)
    {
        var program = Environment.ProcessPath!;
        string[] all = Path.GetFileNameWithoutExtension(program) == "dotnet"
            ? [program, typeof(Container).Assembly.Location, .. arguments]
            : [program, .. arguments];
        var info = IsReal
            ? new ProcessStartInfo("unshare", ["-m", "sh", "-c", Script(), "sh", .. all])
            : new ProcessStartInfo(all[0], all[1..]);
        if (!IsReal)
        {
            info.Environment["DOTNET_PROCESSOR_COUNT"] = "1";
            info.Environment["DOTNET_GCHeapHardLimit"] = "0x6000000";
            info.Environment["HOME"] = "/proc/none";
            info.Environment["XDG_DATA_HOME"] = "/proc/none";
        }

        return info;
    }

    public void Dispose()
    {
        foreach (var group in Controllers.Select(controller => $"{Root}/{controller}/{_name}").Where(Directory.Exists))
        {
            Directory.Delete(group);
        }
    }

    // The shell joins the groups and becomes the program: it is limited from its first instruction on.
    private string Script()
    {
        var join = string.Join(
            " && ", Controllers.Select(controller => $"echo $$ > {Root}/{controller}/{_name}/cgroup.procs"));
        return $"{join} && mount -o remount,ro,bind / && exec \"$@\"";
    }
}
