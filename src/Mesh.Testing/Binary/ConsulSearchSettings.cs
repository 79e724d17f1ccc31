namespace Mesh.Testing;

/// <summary>Where a <see cref="ConsulSearch"/> looks; tests point it elsewhere.</summary>
internal sealed record ConsulSearchSettings
{
    /// <summary>The value of <c>CONSUL_BIN</c>.</summary>
    public string? ConsulBin { get; init; }

    /// <summary>The value of <c>PATH</c>.</summary>
    public string? SearchPath { get; init; }

    /// <summary>The folder fetched binaries are kept in; null when the user has none.</summary>
    public string? CacheFolder { get; init; }

    public ConsulRelease Release { get; init; } = ConsulRelease.Pinned;

    /// <summary>The platform as HashiCorp writes it in archive names, for example <c>linux_amd64</c>.</summary>
    public string Platform { get; init; } = ConsulRelease.ThisPlatform;

    /// <summary>
    /// How long the release server may take to accept a connection; short, because another way follows.
    /// </summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a download may go without a byte.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Time between two progress lines of a download.</summary>
    public TimeSpan ProgressEvery { get; init; } = TimeSpan.FromSeconds(3);

    public DistributionSettings Distribution { get; init; } = new();

    /// <summary>Where a long fetch says what it is doing.</summary>
    public TextWriter Progress { get; init; } = TextWriter.Null;

    public static ConsulSearchSettings OfThisMachine() => new()
    {
        ConsulBin = Environment.GetEnvironmentVariable("CONSUL_BIN"),
        SearchPath = Environment.GetEnvironmentVariable("PATH"),
        CacheFolder = UserCacheFolder(Environment.GetEnvironmentVariable, OperatingSystem.IsWindows()),

        // Standard error: a program that prints JSON on its standard output may well start an agent.
        Progress = Console.Error,
    };

    /// <summary>
    /// <c>mesh-testing</c> in the user's cache folder: <c>XDG_CACHE_HOME</c> (when absolute, as its specification asks)
    /// or <c>~/.cache</c>; on Windows the local application data.
    /// </summary>
    internal static string? UserCacheFolder(Func<string, string?> environment, bool windows)
    {
        if (windows)
        {
            return environment("LOCALAPPDATA") is { Length: > 0 } local ? Path.Combine(local, "mesh-testing") : null;
        }

        if (environment("XDG_CACHE_HOME") is { Length: > 0 } xdg && Path.IsPathRooted(xdg))
        {
            return Path.Combine(xdg, "mesh-testing");
        }

        return environment("HOME") is { Length: > 0 } home ? Path.Combine(home, ".cache", "mesh-testing") : null;
    }
}
