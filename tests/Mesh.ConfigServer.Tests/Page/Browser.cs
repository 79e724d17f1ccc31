using Microsoft.Playwright;

namespace Mesh.ConfigServer.Tests.Page;

/// <summary>One browser for all tests of a class; each page has a profile of its own.</summary>
public sealed class Browser : IAsyncLifetime
{
    private const float PatienceMs = 30_000;

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public async Task InitializeAsync()
    {
        if (Chromium.Path is null)
        {
            return;
        }

        _playwright = await Playwright.CreateAsync();
        Assertions.SetDefaultExpectTimeout(PatienceMs);
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Chromium.Path,
            Headless = true,
            // Root, as in containers, has no sandbox; the rest is a browser that talks to nobody but the desk.
            Args =
            [
                "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                "--disable-background-networking", "--disable-component-update", "--disable-sync",
            ],
        });
    }

    internal async Task<DeskPage> OpenAsync(Uri desk, BrowserNewContextOptions? options = null)
    {
        Assert.True(_browser is not null, "This test " + Chromium.Missing + ".");
        var context = await _browser.NewContextAsync(options);
        context.SetDefaultTimeout(PatienceMs);
        return await DeskPage.OpenAsync(context, desk);
    }

    public async Task DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
    }
}
