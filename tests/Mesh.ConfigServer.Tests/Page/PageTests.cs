using System.Net.Http.Json;
using System.Text.RegularExpressions;
using Mesh.AspNetCore.Tests.Support;
using Mesh.ConfigServer.Tests.Support;
using Mesh.Policy;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Mesh.ConfigServer.Tests.Page;

[Collection(ConsulCollection.Name)]
public sealed class PageTests(ConsulCollection.Agent agent, Browser browser) : IClassFixture<Browser>
{
    private const string Orders = "policy/services/orders";
    private const string Payments = "policy/services/payments";
    private const string Html = "<img src=x onerror=alert(1)>";
    private const string Script = "</td><script>alert(1)</script>";

    private readonly Uri _consul = agent.Consul.Address;

    [BrowserFact]
    public async Task Documents_AreListed_WithStateAndAllProblems()
    {
        await using var desk = await TestDesk.StartAsync(_consul);
        await desk.PutAsync(Orders, Texts.Attempts3);
        await desk.PutAsync(Payments, Texts.TwoMistakes);
        await desk.PutAsync("switches/services/orders", """{ "off": ["retry", "gravity"] }""");
        await desk.PutAsync("policies/orders", Texts.Attempts3);
        await using var page = await OpenAsync(desk);

        var accepted = page.Document(Orders);
        await Expect(accepted.Locator(".badge")).ToHaveTextAsync("accepted");
        var listed = (await desk.FindAsync(Orders))!;
        await Expect(accepted).ToContainTextAsync(listed.Revision.ToString());
        await Expect(accepted).ToContainTextAsync("this revision");
        await Expect(accepted).ToContainTextAsync("ana: test");
        var refused = page.Document(Payments);
        await Expect(refused.Locator(".badge")).ToHaveTextAsync("refused");
        await Expect(refused).ToContainTextAsync("nothing");
        var problems = (await desk.FindAsync(Payments))!.Problems;
        Assert.Equal(2, problems.Count);
        await Expect(refused.Locator("td").Last.Locator("div")).ToHaveTextAsync(problems.Select(p => p.ToString()));
        await Expect(page.Document("switches/services/orders")).ToContainTextAsync("ignored /off/1: ");
        await Expect(page.Document($"{desk.Mesh}/policies/orders").Locator(".badge")).ToHaveTextAsync("unknown key");
        await Expect(page.Summary).ToContainTextAsync($"Mesh {desk.Mesh} · datacenter dc1");
        await Expect(page.Summary).ToContainTextAsync("3 documents, 1 not accepted · 1 unknown key");
        Assert.Empty(page.Faults);
    }

    [BrowserFact]
    public async Task Change_Shows_WithoutReloading()
    {
        await using var desk = await TestDesk.StartAsync(_consul);
        await desk.PutAsync(Orders, Texts.Attempts3);
        await using var page = await OpenAsync(desk);
        await Expect(page.Document(Orders).Locator(".badge")).ToHaveTextAsync("accepted");
        var good = (await desk.FindAsync(Orders))!.Revision;
        await page.Page.EvaluateAsync("window.notReloaded = true");

        await desk.PutAsync(Orders, Texts.TwoMistakes);

        var row = page.Document(Orders);
        await Expect(row.Locator(".badge")).ToHaveTextAsync("refused");
        await Expect(row.Locator("td").Nth(3)).ToContainTextAsync(good.ToString());
        await Expect(row).ToContainTextAsync("/tmeout: ");

        // An operator who writes one document and deletes another sees both.
        await desk.PutAsync(Payments, Texts.Attempts4);
        await Expect(page.Document(Payments).Locator(".badge")).ToHaveTextAsync("accepted");
        await desk.DeleteAsync(Orders);
        await Expect(page.Document(Orders)).ToHaveCountAsync(0);
        await Expect(page.Documents).ToHaveCountAsync(1);
        Assert.True(await page.Page.EvaluateAsync<bool>("window.notReloaded"));
        Assert.Empty(page.Faults);
    }

    [BrowserFact]
    public async Task Unchanged_IsLeftAlone_SoThatASelectionStays()
    {
        await using var desk = await TestDesk.StartAsync(_consul);
        await desk.PutAsync(Orders, Texts.Attempts3);
        await using var page = await OpenAsync(desk);
        await page.Document(Orders).GetByText(Orders).SelectTextAsync();

        await page.RefreshedAsync();

        Assert.Equal(Orders, await page.Page.EvaluateAsync<string>("getSelection().toString()"));
    }

    [BrowserFact]
    public async Task Clients_AreListed_WithWhatTheyDoOtherwise()
    {
        await using var desk = await TestDesk.StartAsync(_consul);
        await ReportAsync(desk, Report("web-1") with { Hash = "0123456789abcdef" });
        await ReportAsync(desk, Report("web-2") with
        {
            Source = PolicySource.Kv,
            Documents = [Refusal(new PolicyProblem("/retry", ProblemCodes.UnknownField, "not known here"))],
            Switches = [new ClientSwitchReport { Upstream = "orders", Bypass = true, Off = ["retry"] }],
        });
        await using var page = await OpenAsync(desk);

        await Expect(page.Clients).ToHaveCountAsync(2);
        var one = page.Clients.Nth(0);
        await Expect(one.Locator("td").Nth(1)).ToHaveTextAsync("web-1");
        await Expect(one.Locator("td").Nth(2)).ToHaveTextAsync("desk");
        await Expect(one.Locator("td").Nth(3)).ToHaveTextAsync("0123456789abcdef");
        await Expect(one.Locator("td").Nth(4)).ToBeEmptyAsync();
        await Expect(one.Locator("td").Nth(6)).ToHaveTextAsync(new Regex(@"^\d+ s ago$"));
        var two = page.Clients.Nth(1);
        await Expect(two.Locator("td").Nth(2)).ToHaveTextAsync("kv");
        await Expect(two.Locator("td").Nth(4)).ToHaveTextAsync($"{Orders}: refused/retry: not known here");
        await Expect(two.Locator("td").Nth(5)).ToHaveTextAsync("orders: bypass, retry off");

        await ReportAsync(desk, Report("web-3"));
        await Expect(page.Clients).ToHaveCountAsync(3);
        await Expect(page.Summary).ToContainTextAsync("3 clients");
        Assert.Empty(page.Faults);
    }

    [BrowserFact]
    public async Task Hostile_IsShownAsText()
    {
        await using var desk = await TestDesk.StartAsync(_consul);
        await desk.PutAsync(Orders, $$"""{ "schema": 1, "meta": { "by": "{{Html}}", "why": "{{Script}}" } }""");
        await desk.PutAsync(Payments, $$"""{ "schema": 1, "{{Html}}": "{{Html}}" }""");
        await desk.PutAsync($"policies/{Html}", Texts.Attempts3);
        await ReportAsync(desk, Report("web-1") with
        {
            Service = Html,
            Version = Script,
            Hash = Html,
            Documents = [Refusal(new PolicyProblem(Html, Html, Script))],
            Switches = [new ClientSwitchReport { Upstream = Html, Off = [Script] }],
            Inbound = new InboundReport
            {
                Tls = Html,
                Intentions = Script,
                Since = DateTimeOffset.UtcNow,
                Plaintext = [new PlaintextCallerReport(Html, 1, DateTimeOffset.UtcNow)],
                WouldDeny = [new WouldDenyReport(Html, Script, 1, DateTimeOffset.UtcNow)],
            },
        });
        await using var page = await OpenAsync(desk);

        await Expect(page.Document(Orders)).ToContainTextAsync($"{Html}: {Script}");
        await Expect(page.Document(Payments)).ToContainTextAsync(Html);
        await Expect(page.Document($"{desk.Mesh}/policies/{Html}")).ToHaveCountAsync(1);
        await Expect(page.Clients.First).ToContainTextAsync(Html + Script);
        await Expect(page.Clients.First.Locator("td").Nth(3)).ToHaveTextAsync(Html);
        await Expect(page.Clients.First).ToContainTextAsync($"{Html}: {Script}");
        await Expect(page.Clients.First).ToContainTextAsync($"{Html}: {Script} off");
        await Expect(page.Doors.First).ToContainTextAsync($"TLS {Html}");
        await Expect(page.Doors.First).ToContainTextAsync($"{Html} by {Script}: 1");

        await page.RefreshedAsync();
        await Expect(page.Page.Locator("main img, main script")).ToHaveCountAsync(0);
        Assert.Empty(page.Faults);
    }

    [BrowserFact]
    public async Task NarrowWindow_ShowsEverything_WithoutScrollingSideways()
    {
        await using var desk = await TestDesk.StartAsync(_consul);
        var longKey = $"policy/services/{new string('s', 60)}";
        await desk.PutAsync(Orders, $$"""{ "schema": 1, "meta": { "why": "{{new string('w', 200)}}" } }""");
        await desk.PutAsync(longKey, Texts.TwoMistakes);
        await ReportAsync(desk, Report("web-1-" + new string('i', 100)) with { Hash = "0123456789abcdef" });
        await using var page = await OpenAsync(
            desk, new BrowserNewContextOptions { ViewportSize = new ViewportSize { Width = 400, Height = 800 } });

        await Expect(page.Document(longKey)).ToContainTextAsync("/tmeout: ");
        await Expect(page.Clients).ToContainTextAsync("0123456789abcdef");
        await Expect(page.Clients.Locator("td:empty").First).ToBeHiddenAsync();
        Assert.Equal(0, await page.OverflowAsync());
        foreach (var cell in await page.Page.Locator("tbody td:not(:empty)").AllAsync())
        {
            var box = (await cell.BoundingBoxAsync())!;
            Assert.True(box.X >= 0 && box.X + box.Width <= 400, $"{await cell.TextContentAsync()}: {box.Width}");
        }

        await page.Page.SetViewportSizeAsync(1280, 800);
        Assert.Equal(0, await page.OverflowAsync());
        Assert.Empty(page.Faults);
    }

    [BrowserFact]
    public async Task NothingYet_SaysWhatToDo()
    {
        await using var desk = await TestDesk.StartAsync(_consul);
        await using var page = await OpenAsync(desk);

        await Expect(page.Documents).ToContainTextAsync("No documents: every call lives by the built-in defaults.");
        await Expect(page.Documents).ToContainTextAsync($"{desk.Mesh}/policy/global");
        await Expect(page.Clients).ToHaveTextAsync("No client has reported yet.");
        await Expect(page.Summary).ToContainTextAsync("0 documents · 0 clients");

        await desk.PutAsync(Orders, Texts.Attempts3);
        await Expect(page.Document(Orders)).ToHaveCountAsync(1);
        await Expect(page.Documents).ToHaveCountAsync(1);
        Assert.Empty(page.Faults);
    }

    [BrowserFact]
    public async Task DeskOutOfReach_SaysSo_KeepsWhatItShowed_AndRecovers()
    {
        await using var desk = await TestDesk.StartAsync(_consul);
        await desk.PutAsync(Orders, Texts.Attempts3);
        await using var page = await OpenAsync(desk);
        await Expect(page.Document(Orders)).ToHaveCountAsync(1);

        await page.SetOfflineAsync(true);

        await Expect(page.Summary).ToHaveTextAsync("The desk does not answer. Below is what it said last.");
        await Expect(page.Document(Orders)).ToHaveCountAsync(1);

        await page.SetOfflineAsync(false);
        await Expect(page.Summary).ToContainTextAsync("1 document ·");
    }

    [BrowserFact]
    public async Task DeskThatKnowsNothing_SaysSo()
    {
        await using var desk = await TestDesk.StartAsync(new Uri("http://127.0.0.1:1"), ["Desk:Register=false"]);
        await using var page = await browser.OpenAsync(desk.Http.BaseAddress!);

        await Expect(page.Summary).ToHaveTextAsync(
            "The desk has heard nothing from Consul yet and remembers nothing from before.");
    }

    [BrowserFact]
    public async Task Token_IsAskedForAsAPassword()
    {
        const string token = "a-token-of-24-characters";
        await using var desk = await TestDesk.StartAsync(_consul, [$"Desk:Token={token}"]);
        await desk.PutAsync(Orders, Texts.Attempts3);
        await using var page = await browser.OpenAsync(desk.Http.BaseAddress!, new BrowserNewContextOptions
        {
            HttpCredentials = new HttpCredentials { Username = "ana", Password = token },
        });

        await Expect(page.Document(Orders).Locator(".badge")).ToHaveTextAsync("accepted");
        Assert.Empty(page.Faults);
    }

    private async Task<DeskPage> OpenAsync(TestDesk desk, BrowserNewContextOptions? options = null)
    {
        await desk.ReadyAsync();
        return await browser.OpenAsync(desk.Http.BaseAddress!, options);
    }

    private static ClientReport Report(string instance) => new()
    {
        Instance = instance,
        Service = "web",
        Library = "0.1.0",
        StartedAt = DateTimeOffset.UnixEpoch,
        Source = PolicySource.Desk,
    };

    private static ClientDocumentReport Refusal(PolicyProblem problem) => new()
    {
        Key = PolicyKey.TrafficTo("orders"),
        Revision = new PolicyRevision("dc1", 1, "0123456789abcdef"),
        State = ClientDocumentState.Refused,
        Problems = [problem],
    };

    private static async Task ReportAsync(TestDesk desk, ClientReport report)
    {
        using var answer = await desk.Http.PutAsJsonAsync(
            $"/v1/clients/{report.Instance}", report, MeshWireJson.Default.ClientReport);
        answer.EnsureSuccessStatusCode();
    }
}
