using System.Collections.Concurrent;
using Microsoft.Playwright;

namespace Mesh.ConfigServer.Tests.Page;

/// <summary>The desk's page in a browser, and everything that went wrong in it.</summary>
internal sealed class DeskPage : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly Uri _desk;
    private readonly ConcurrentQueue<string> _faults = new();

    private DeskPage(IBrowserContext context, IPage page, Uri desk)
    {
        (_context, Page, _desk) = (context, page, desk);
        page.Dialog += async (_, dialog) =>
        {
            _faults.Enqueue($"dialog: {dialog.Message}");
            await dialog.DismissAsync();
        };
        page.PageError += (_, error) => _faults.Enqueue($"error: {error}");
        page.Console += (_, message) => _faults.Enqueue($"console: {message.Type} {message.Text}");
        page.Request += (_, request) =>
        {
            if (!request.Url.StartsWith(desk.AbsoluteUri, StringComparison.Ordinal) && request.Url != "data:,")
            {
                _faults.Enqueue($"request to elsewhere: {request.Url}");
            }
        };
    }

    public IPage Page { get; }

    /// <summary>Dialogs, errors, console lines, violations of the page's policy and requests to elsewhere.</summary>
    public IEnumerable<string> Faults => _faults;

    public ILocator Summary => Page.Locator("#summary");

    public ILocator Documents => Page.Locator("#documents tbody tr");

    public ILocator Doors => Page.Locator("#doors tbody tr");

    public ILocator Clients => Page.Locator("#clients tbody tr");

    public static async Task<DeskPage> OpenAsync(IBrowserContext context, Uri desk)
    {
        var opened = new DeskPage(context, await context.NewPageAsync(), desk);
        await context.ExposeFunctionAsync("meshViolated", (string what) => opened._faults.Enqueue($"policy: {what}"));
        await context.AddInitScriptAsync(
            "addEventListener('securitypolicyviolation', e => meshViolated(`${e.effectiveDirective} ${e.blockedURI}`));");
        await opened.Page.GotoAsync(desk.AbsoluteUri);
        return opened;
    }

    /// <summary>The row of a document.</summary>
    public ILocator Document(string key)
    {
        var exactly = Page.GetByText(key, new PageGetByTextOptions { Exact = true });
        return Documents.Filter(new LocatorFilterOptions { Has = exactly });
    }

    /// <summary>Cuts the browser off, or lets it back.</summary>
    public Task SetOfflineAsync(bool offline) => _context.SetOfflineAsync(offline);

    /// <summary>Waits until everything the page showed so far was shown anew at least once.</summary>
    public async Task RefreshedAsync()
    {
        var clients = new Uri(_desk, "/v1/clients").AbsoluteUri;
        await Page.WaitForResponseAsync(clients);
        await Page.WaitForResponseAsync(clients);
    }

    /// <summary>By how many pixels the page is wider than its window.</summary>
    public Task<int> OverflowAsync() => Page.EvaluateAsync<int>(
        "Math.max(document.body.scrollWidth, document.documentElement.scrollWidth) - innerWidth");

    public async ValueTask DisposeAsync() => await _context.DisposeAsync();
}
