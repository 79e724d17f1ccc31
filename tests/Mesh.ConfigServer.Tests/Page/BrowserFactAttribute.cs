namespace Mesh.ConfigServer.Tests.Page;

/// <summary>
/// A test in a real browser; skipped, with the reason, where there is none. Not in CI: there it runs, and fails.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BrowserFactAttribute : FactAttribute
{
    public BrowserFactAttribute()
    {
        var isCi = string.Equals(Environment.GetEnvironmentVariable("CI"), "true", StringComparison.OrdinalIgnoreCase);
        Skip = Chromium.Path is null && !isCi ? Chromium.Missing : null;
    }
}
