using System.Diagnostics;

namespace Mesh.Scenarios.Tests.Support;

/// <summary>
/// Finds <c>prometheus</c> and <c>promtool</c>: in the folder <c>PROMETHEUS_BIN</c>, on the PATH, in the user's cache,
/// else in the distribution's package, which apt fetches and verifies and which is unpacked without being installed.
/// </summary>
internal static class PrometheusBinary
{
    private static readonly string[] Programs = ["prometheus", "promtool"];
    private static readonly Lazy<(string? Folder, string Outcome)> Found = new(Find);

    /// <summary>Where both are; <see langword="null"/> when they cannot be had.</summary>
    public static string? Folder => Found.Value.Folder;

    /// <summary>Why they cannot be had.</summary>
    public static string Outcome => Found.Value.Outcome;

    private static (string? Folder, string Outcome) Find()
    {
        var cache = CacheFolder();
        var present = new[] { Environment.GetEnvironmentVariable("PROMETHEUS_BIN") }
            .Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator))
            .Append(cache)
            .FirstOrDefault(folder => !string.IsNullOrEmpty(folder) && Programs.All(p => File.Exists(Path.Combine(folder, p))));
        if (present is not null)
        {
            return (present, "");
        }

        if (!File.Exists("/usr/bin/apt-get") || !File.Exists("/usr/bin/dpkg-deb"))
        {
            return (null, "There is no Prometheus on the PATH, and no apt to get one with.");
        }

        var work = Directory.CreateTempSubdirectory("mesh-prometheus-").FullName;
        try
        {
            return Fetch(work) is { } failure ? (null, failure) : (Install(work, cache), "");
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }
    }

    /// <summary>Fetches and unpacks; what went wrong, if anything did.</summary>
    private static string? Fetch(string work)
    {
        // With the lists of the machine, else (images are shipped without any) with lists of our own.
        string[] own =
        [
            "-o", $"Dir::State::Lists={Path.Combine(work, "lists")}", "-o", $"Dir::Cache={Path.Combine(work, "cache")}",
            "-o", "APT::Sandbox::User=", "-o", "Acquire::Retries=1", "-o", "Acquire::http::Timeout=15",
        ];
        var (exitCode, output) = Run(work, "apt-get", "download", "prometheus");
        if (exitCode != 0)
        {
            Directory.CreateDirectory(Path.Combine(work, "lists", "partial"));
            Directory.CreateDirectory(Path.Combine(work, "cache", "archives", "partial"));
            Run(work, "apt-get", [.. own, "update"]);
            (exitCode, output) = Run(work, "apt-get", [.. own, "download", "prometheus"]);
        }

        if (exitCode != 0 || Directory.EnumerateFiles(work, "prometheus_*.deb").FirstOrDefault() is not { } package)
        {
            return $"apt could not fetch the package prometheus: {output.Trim()}";
        }

        (exitCode, output) = Run(work, "dpkg-deb", "-x", package, Path.Combine(work, "unpacked"));
        return exitCode == 0 ? null : $"The package prometheus could not be unpacked: {output.Trim()}";
    }

    private static string Install(string work, string cache)
    {
        Directory.CreateDirectory(cache);
        foreach (var program in Programs)
        {
            // Copied beside its place and renamed: another process sees a whole program or none.
            var part = Path.Combine(cache, $"{program}.{Guid.NewGuid():N}");
            File.Copy(Path.Combine(work, "unpacked", "usr", "bin", program), part);
            File.Move(part, Path.Combine(cache, program), overwrite: true);
        }

        return cache;
    }

    private static string CacheFolder()
    {
        var home = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } xdg && Path.IsPathRooted(xdg)
            ? xdg
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        return Path.Combine(home, "mesh-testing", "prometheus-distribution");
    }

    private static (int ExitCode, string Output) Run(string folder, string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + error.GetAwaiter().GetResult());
    }
}
