using Mesh.AspNetCore.Tests.Support;
using Mesh.ConfigServer.Tests.Support;
using Mesh.Policy;
using static Microsoft.Playwright.Assertions;

namespace Mesh.ConfigServer.Tests.Page;

[Collection(ConsulCollection.Name)]
public sealed class DoorPageTests(ConsulCollection.Agent agent, Browser browser) : IClassFixture<Browser>
{
    private readonly Uri _consul = agent.Consul.Address;

    [BrowserFact]
    public async Task Doors_AreListed_WithWhoWouldBreakAndHowSureThatIs()
    {
        await using var desk = await TestDesk.StartAsync(_consul);
        await desk.ReadyAsync();
        await using var page = await browser.OpenAsync(desk.Http.BaseAddress!);
        await Expect(page.Doors).ToHaveTextAsync("No service has told of its door yet.");
        var now = DateTimeOffset.UtcNow;

        await desk.ReportAsync(Reports.Door(
            "orders", "orders-1", now, 2,
            d => d.WithPlaintext("batch", 12, minutes: 5).WithDenial("web", "only-reads", 3)));
        await desk.ReportAsync(Reports.Door("stock", "stock-1", now, 2));

        await Expect(page.Doors).ToHaveCountAsync(2);
        var orders = page.Doors.Nth(0).Locator("td");
        await Expect(orders.Nth(0)).ToHaveTextAsync("orders1 instance, 1 with identity");
        await Expect(orders.Nth(1)).ToHaveTextAsync("TLS permissiveintentions shadow");
        await Expect(orders.Nth(2).Locator(".badge")).ToHaveTextAsync("would break");
        await Expect(orders.Nth(2)).ToContainTextAsync("1 caller would break: 12 requests in the last 24 h.");
        await Expect(orders.Nth(2).Locator(".caller")).ToHaveTextAsync("batch: 12, last 5 min ago, at 1 instance");
        await Expect(orders.Nth(3).Locator(".caller")).ToContainTextAsync("web by only-reads: 3, last ");
        var stock = page.Doors.Nth(1).Locator("td");
        await Expect(stock.Nth(2).Locator(".badge")).ToHaveTextAsync("too early to say");
        await Expect(stock.Nth(2)).ToContainTextAsync(
            "Nobody yet, but that is no whole day: 1 instance reporting to this desk for 2 h");

        // Who is let in by then is not on the list any more, without reloading.
        await desk.ReportAsync(Reports.Door("orders", "orders-1", now, 2, d => d with { Tls = "strict" }));
        await Expect(orders.Nth(1)).ToContainTextAsync("TLS strict");
        await Expect(orders.Nth(2).Locator(".caller")).ToHaveCountAsync(0);
        Assert.Empty(page.Faults);
    }

    [BrowserFact]
    public async Task ManyCallers_ShowTheMostFrequentAndHowManyAreLeftOut()
    {
        await using var desk = await TestDesk.StartAsync(_consul);
        await desk.ReadyAsync();
        await desk.ReportAsync(Reports.Door("orders", "orders-1", DateTimeOffset.UtcNow, 2, d =>
            Enumerable.Range(1, 14).Aggregate(d, (door, i) => door.WithPlaintext($"caller-{i}", i))));
        await using var page = await browser.OpenAsync(desk.Http.BaseAddress!);

        var cell = page.Doors.First.Locator("td").Nth(2);
        await Expect(cell.Locator(".caller")).ToHaveCountAsync(10);
        await Expect(cell.Locator(".caller").First).ToContainTextAsync("caller-14: 14, last ");
        await Expect(cell).ToContainTextAsync("and 4 more, see /v1/doors");
        Assert.Empty(page.Faults);
    }
}
