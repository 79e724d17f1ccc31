namespace Mesh.ConfigServer.Tests.Page;

/// <summary>
/// Finds a Chromium: <c>CHROMIUM_BIN</c>, else one on the PATH, else one that Playwright has installed.
/// </summary>
internal static class Chromium
{
    private static readonly string[] Commands = ["chromium", "chromium-browser", "google-chrome"];
    private static readonly string[] Binaries =
        ["chrome", "chrome.exe", "Chromium", "headless_shell", "chrome-headless-shell", "chrome-headless-shell.exe"];

    /// <summary><see langword="null"/> when there is none.</summary>
    public static string? Path { get; } = Set("CHROMIUM_BIN") ?? OnPath() ?? OfPlaywright();

    public static string Missing =>
        "needs a Chromium: install one (Debian: apt-get install chromium), or name its binary in CHROMIUM_BIN";

    private static string? Set(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? value : null;

    private static string? OnPath() => (Set("PATH") ?? "")
        .Split(System.IO.Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .SelectMany(folder => Commands, System.IO.Path.Combine)
        .SelectMany(path => new[] { path, path + ".exe" })
        .FirstOrDefault(File.Exists);

    private static string? OfPlaywright()
    {
        var local = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData);
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        var cache = Set("PLAYWRIGHT_BROWSERS_PATH") ??
            (OperatingSystem.IsWindows() ? System.IO.Path.Combine(local, "ms-playwright")
            : OperatingSystem.IsMacOS() ? System.IO.Path.Combine(home, "Library", "Caches", "ms-playwright")
            : System.IO.Path.Combine(home, ".cache", "ms-playwright"));
        return !Directory.Exists(cache)
            ? null
            : Directory.EnumerateDirectories(cache, "chromium*")
                .SelectMany(folder => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
                .FirstOrDefault(file => Binaries.Contains(System.IO.Path.GetFileName(file)));
    }
}
