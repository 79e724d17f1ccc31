using System.Text;
using Mesh.Scenarios.Tests.Support;
using Mesh.Testing;
using Microsoft.AspNetCore.Http;
using Xunit.Abstractions;

namespace Mesh.Scenarios.Tests.Telemetry;

/// <summary>A real Prometheus scrapes the shop and answers what the README asks.</summary>
public sealed class PrometheusTests(ITestOutputHelper output)
{
    private static readonly (string Caller, string Callee)[] Edges =
        [("web", "orders"), ("web", "inventory"), ("orders", "inventory"), ("orders", "payments")];

    [PrometheusFact]
    public Task Shop_Scraped_ShowsTheGoldenMetricsByEdge() => Scenario.RunAsync(output, async s =>
    {
        var broken = await StartBrokenAsync(s);
        var shop = await StartShopAsync(s);
        var web = shop[^1];
        await using var prometheus = await PrometheusProcess.StartAsync(s.Folder, Configuration(shop));
        using var stop = new CancellationTokenSource();
        var shopping = ShopAsync(web.Address, stop.Token);

        var queries = ReadmeTelemetry.Queries;
        Assert.Equal(3, queries.Length);
        foreach (var edge in Edges)
        {
            await Eventually.TrueAsync(
                async () => (await prometheus.QueryAsync(queries[0])).Any(r => IsEdge(r.Labels, edge) && !double.IsNaN(r.Value)),
                $"the rate of errors from {edge}");
        }

        async Task<bool> HasAsync(string kind, double least) => (await prometheus.QueryAsync(queries[2])).Any(r =>
            r.Labels["mesh_service"] == "inventory" && r.Labels["kind"] == kind && r.Value >= least);
        await Eventually.TrueAsync(() => HasAsync("retries", double.Epsilon), "retries by the third query");
        broken.Respond(BackendAnswer.Status(503));
        await Eventually.TrueAsync(() => HasAsync("ejections", 0), "ejections by the third query");

        Assert.All(await prometheus.QueryAsync(queries[0]), r => Assert.True(double.IsNaN(r.Value) || r.Value is >= 0 and <= 1));
        var latencies = await prometheus.QueryAsync(queries[1]);
        Assert.All(Edges, e => Assert.Contains(latencies, r => IsEdge(r.Labels, e) && r.Value is > 0 and < 10));
        Assert.All(await prometheus.QueryAsync("up"), r => Assert.Equal(1, r.Value));
        await stop.CancelAsync();
        s.Figure("calls", await shopping);
        await CheckAsync(s, web.Address);
    });

    /// <summary>
    /// promtool finds nothing to complain about, in names, units, help and syntax; both formats are served.
    /// </summary>
    private static async Task CheckAsync(Scenario s, Uri address)
    {
        using var client = new HttpClient();
        var text = await client.GetStringAsync(new Uri(address, "/metrics"));
        var file = Path.Combine(s.Folder, "metrics.txt");
        await File.WriteAllTextAsync(file, text);
        var checkedText = await Command.RunAsync(
            s.Folder, TimeSpan.FromSeconds(30), "sh", "-c", $"'{PrometheusProcess.Program("promtool")}' check metrics < '{file}'");
        Assert.Equal("", checkedText.Trim());
        s.Figure("series", text.Split('\n').Count(l => l.Length > 0 && l[0] != '#'));

        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(address, "/metrics"));
        request.Headers.Accept.ParseAdd("application/openmetrics-text; version=1.0.0");
        using var answer = await client.SendAsync(request);
        Assert.Equal("application/openmetrics-text", answer.Content.Headers.ContentType!.MediaType);
        Assert.EndsWith("# EOF\n", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private static bool IsEdge(IReadOnlyDictionary<string, string> labels, (string Caller, string Callee) edge) =>
        labels["service_name"] == edge.Caller && labels["mesh_service"] == edge.Callee;

    /// <summary>
    /// An instance that answers every other request with an error: something to retry, and later to eject.
    /// </summary>
    private static async Task<HttpBackend> StartBrokenAsync(Scenario s)
    {
        var broken = await s.StartBackendAsync("broken");
        broken.Respond(context =>
        {
            context.Response.StatusCode = broken.RequestCount % 2 == 0 ? 503 : 200;
            return context.Response.WriteAsync("""{"name":"tea","stock":1,"version":"1","checkout":"","status":""}""");
        });
        await s.Operator.RegisterAsync("inventory", "inventory-broken", broken.Port);
        await s.Operator.PutRoundRobinAsync("inventory");
        return broken;
    }

    /// <summary>The four services.</summary>
    private static async Task<ServiceProcess[]> StartShopAsync(Scenario s)
    {
        var inventory = await s.StartProcessAsync(
            "samples/Shop.Inventory/Shop.Inventory", "inventory-1", 0, ("Mesh__Service", "inventory"));
        await s.StartProcessAsync(
            "samples/Shop.Payments/Shop.Payments", "payments-1", 0,
            ("Mesh__Service", "payments"), ("Kestrel__EndpointDefaults__Protocols", "Http2"));
        var orders = await s.StartProcessAsync("samples/Shop.Orders/Shop.Orders", "orders-1", 0, ("Mesh__Service", "orders"));
        var web = await s.StartProcessAsync("samples/Shop.Web/Shop.Web", "web-1", 0, ("Mesh__Service", "web"));
        foreach (var service in (string[])["inventory", "payments", "orders", "web"])
        {
            await s.RegisteredAsync(service, service + "-1");
        }

        return [inventory, orders, web];
    }

    /// <summary>
    /// The README's, with the shop's addresses, and quicker. Payments speaks HTTP/2 without TLS only, which Prometheus
    /// does not; it calls nobody.
    /// </summary>
    private static string Configuration(IEnumerable<ServiceProcess> targets)
    {
        var addresses = string.Join(", ", targets.Select(t => t.Address.Authority));
        return "global: { scrape_interval: 500ms, scrape_timeout: 500ms }\n"
            + ReadmeTelemetry.ScrapeConfiguration.Replace("127.0.0.1:5000", addresses, StringComparison.Ordinal);
    }

    private static async Task<int> ShopAsync(Uri web, CancellationToken stop)
    {
        using var client = new HttpClient { BaseAddress = web };
        for (var calls = 0; ; calls++)
        {
            if (stop.IsCancellationRequested)
            {
                return calls;
            }

            // Some calls fail: the budget for retries is small in the beginning. Errors are part of the picture.
            using var product = await client.GetAsync("/products/tea", CancellationToken.None);
            using var checkout = new HttpRequestMessage(HttpMethod.Post, "/checkout")
            {
                Content = new StringContent(
                    $$"""{"id":"c{{calls}}","product":"tea","quantity":1}""", Encoding.UTF8, "application/json"),
            };
            checkout.Headers.Add("Idempotency-Key", $"key-{calls}");
            using var answer = await client.SendAsync(checkout, CancellationToken.None);
            await Task.Delay(20, CancellationToken.None);
        }
    }
}
