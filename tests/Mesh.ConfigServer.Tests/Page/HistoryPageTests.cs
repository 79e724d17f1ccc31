using Mesh.AspNetCore.Tests.Support;
using Mesh.ConfigServer.Tests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Mesh.ConfigServer.Tests.Page;

[Collection(ConsulCollection.Name)]
public sealed class HistoryPageTests(ConsulCollection.Agent agent, Browser browser) : IClassFixture<Browser>
{
    private const string Orders = "policy/services/orders";
    private const string Html = "<img src=x onerror=alert(1)>";

    private readonly Uri _consul = agent.Consul.Address;

    [BrowserFact]
    public async Task RollBack_FromThePage_IsSignedAndShown_AndAConflictChangesNothing()
    {
        await using var desk = await TestDesk.StartAsync(_consul);
        await desk.ReadyAsync();
        var first = await desk.PutRecordedAsync(
            Orders, $$"""{ "schema": 1, "meta": { "by": "ana", "why": "{{Html}}" }, "retry": { "maxAttempts": 3 } }""");
        await desk.PutRecordedAsync(Orders, Texts.Attempts4);
        await using var page = await browser.OpenAsync(desk.Http.BaseAddress!);
        var revisions = page.Page.Locator("#revisions tbody tr");
        var outcome = page.Page.Locator("#outcome");
        var who = page.Page.GetByLabel("Who you are");

        await page.Document(Orders).GetByRole(AriaRole.Button).ClickAsync();
        await Expect(revisions).ToHaveCountAsync(2);
        await Expect(revisions.Nth(0)).ToContainTextAsync("in force");
        await Expect(revisions.Nth(1)).ToContainTextAsync($"ana: {Html}");
        await revisions.Nth(1).GetByText("Compare").ClickAsync();
        await Expect(outcome).ToContainTextAsync("/retry/maxAttempts changed");
        await Expect(page.Page.Locator("#diff .put")).ToContainTextAsync("\"maxAttempts\": 4");

        // Nothing happens until somebody says who it is.
        await revisions.Nth(1).GetByText("Roll back").ClickAsync();
        Assert.True(await who.EvaluateAsync<bool>("e => e.matches(':invalid')"));
        await who.FillAsync("bob");
        await page.Page.GetByLabel("Why").FillAsync("INC-7");
        await revisions.Nth(1).GetByText("Roll back").ClickAsync();
        await Expect(outcome).ToHaveTextAsync($"Rolled back to {first.ModifyIndex}-{first.Hash}.");
        await Expect(page.Document(Orders)).ToContainTextAsync("bob: INC-7");
        Assert.Equal("bob", (await desk.FindAsync(Orders))!.Meta!.By);
        Assert.Empty(page.Faults);

        // Somebody else writes while the history is open.
        await desk.PutAsync(Orders, Texts.Attempts3);
        await desk.WaitAsync(Orders, d => d.Meta?.Why == "test");
        await revisions.Last.GetByText("Roll back").ClickAsync();
        await Expect(outcome).ToContainTextAsync("The document is at index");
        Assert.Equal("test", (await desk.FindAsync(Orders))!.Meta!.Why);
        await page.Page.GetByText("Close").ClickAsync();
        await Expect(page.Page.Locator("#history")).ToBeHiddenAsync();
    }

    [BrowserFact]
    public async Task Switch_IsShown_WithWhatItTurnsOffWhoWhyAndUntilWhen()
    {
        await using var desk = await TestDesk.StartAsync(_consul);
        await desk.ReadyAsync();
        await desk.PutAsync(
            "switches/global",
            """{ "mode": "bypass", "off": ["retry"], "by": "ana", "why": "INC-7", "until": "2099-01-01T00:00:00Z" }""");
        await desk.PutAsync("switches/services/orders", """{ "off": ["eject"], "until": "2020-01-01T00:00:00Z" }""");
        await using var page = await browser.OpenAsync(desk.Http.BaseAddress!);

        var row = page.Document("switches/global");
        await Expect(row).ToContainTextAsync("bypass, retry off until 2099-01-01T00:00:00");
        await Expect(row).ToContainTextAsync("ana: INC-7");
        var over = page.Document("switches/services/orders");
        await Expect(over.Locator(".badge")).ToHaveTextAsync("expired");
        await Expect(over).ToContainTextAsync("eject off, over since 2020-01-01");
        Assert.Empty(page.Faults);
    }
}
