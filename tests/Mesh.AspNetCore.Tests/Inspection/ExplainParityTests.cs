using System.Diagnostics.Metrics;
using System.Text.Json;
using Mesh.AspNetCore.Tests.Support;
using Mesh.Client;
using Mesh.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.AspNetCore.Tests.Inspection;

/// <summary>What is told is what happens, and telling it changes nothing.</summary>
public sealed class ExplainParityTests
{
    private const int Requests = 1_000;

    private const string Policy = """
        {
          "schema": 1,
          "subsets": {
            "v1": { "meta": { "version": "1" } },
            "v2": { "meta": { "version": ["2", "3"] } },
            "v9": { "meta": { "version": "9" }, "onEmpty": "v2" }
          },
          "routes": [
            { "name": "beta", "match": { "header": { "x-beta": { "prefix": "y" } } }, "split": { "v2": "100%" } },
            { "name": "pages", "match": { "query": { "page": { "regex": "[0-9]+" } }, "method": ["GET", "HEAD"] },
              "split": { "v1": "30%", "v2": "70%" } },
            { "name": "orders",
              "match": { "path": [{ "prefix": "/orders" }, { "regex": ".*[.]html" }],
                         "header": { "x-off": { "present": false } } },
              "split": { "v9": "50%", "v1": "50%" } },
            { "name": "ghost", "match": { "method": ["PUT"] }, "split": { "v9": "100%" } },
            { "name": "rest" }
          ]
        }
        """;

    [Fact]
    public async Task Explain_OfAThousandRequests_IsWhatCallsThenDo()
    {
        await using var app = await InspectedApp.StartAsync(b => b.Services.AddHttpClient("any"));
        var upstream = app.With(
            "orders",
            InspectedApp.Endpoint("one", "1"), InspectedApp.Endpoint("uno", "1"), InspectedApp.Endpoint("two", "2"),
            InspectedApp.Endpoint("three", "3"), InspectedApp.Endpoint("four", "4"));
        InspectedApp.Govern(upstream, Policy);
        using var routes = new RouteListener(app.App.Services.GetRequiredService<IMeterFactory>());
        using var client = app.App.Services.GetRequiredService<IHttpClientFactory>().CreateClient("any");
        var random = new SeededRandom(11);
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < Requests; i++)
        {
            var (method, url, headers) = Draw(random);
            var header = string.Concat(headers.Select(h => $"&header={h.Key}:{h.Value}"));
            var told = await app.ExplainAsync($"url={Uri.EscapeDataString(url)}&method={method}{header}");

            using var request = new HttpRequestMessage(HttpMethod.Parse(method), url);
            headers.ToList().ForEach(h => request.Headers.Add(h.Key, h.Value));
            (await client.SendAsync(request)).Dispose();

            var route = told.GetProperty("route").GetProperty("name").GetString()!;
            Assert.Equal(routes.Last, route);
            Assert.True(app.Transports.Asked.TryDequeue(out var asked) && app.Transports.Asked.IsEmpty);
            AssertToldOf(told, asked!, $"{method} {url} {header}");
            seen[route] = seen.GetValueOrDefault(route) + 1;
        }

        // The requests were of all kinds, else this would prove little.
        Assert.True(seen.Count == 5 && seen.Values.All(count => count >= 50), string.Join(' ', seen));
    }

    [Theory]
    [InlineData("round-robin")]
    [InlineData("random")]
    public async Task Explain_BetweenCalls_MovesNoTurnNoShareAndNoDraw(string algorithm)
    {
        var asked = await AskedAsync(algorithm, explain: false);

        Assert.Equal(asked, await AskedAsync(algorithm, explain: true));
    }

    private static async Task<string[]> AskedAsync(string algorithm, bool explain)
    {
        await using var app = await InspectedApp.StartAsync(builder =>
        {
            builder.Services.AddHttpClient("any");
            builder.Services.AddKeyedSingleton<Random>("mesh", new SeededRandom(5));
        });
        var upstream = app.With(
            "orders",
            InspectedApp.Endpoint("one", "1"), InspectedApp.Endpoint("uno", "1"), InspectedApp.Endpoint("two", "2"),
            InspectedApp.Endpoint("three", "3"));
        var balance = $$"""{ "schema": 1, "balance": { "algorithm": "{{algorithm}}" }, """;
        InspectedApp.Govern(upstream, balance + Policy[(Policy.IndexOf("\"subsets\"", StringComparison.Ordinal))..]);
        using var client = app.App.Services.GetRequiredService<IHttpClientFactory>().CreateClient("any");
        var used = upstream.LastUsed;
        for (var i = 0; i < 60; i++)
        {
            if (explain)
            {
                await app.TextAsync("url=http://orders/orders/7");
                await app.MeshAsync();
            }

            (await client.GetAsync(new Uri("http://orders/orders/7"))).Dispose();
        }

        Assert.All(upstream.Endpoints, e => Assert.Equal(0, e.InFlight));
        Assert.True(upstream.LastUsed >= used);
        return [.. app.Transports.Asked];
    }

    private static void AssertToldOf(JsonElement told, string asked, string request)
    {
        var targets = told.GetProperty("targets").EnumerateArray()
            .Where(t => !t.TryGetProperty("next", out var next) || next.GetBoolean()).ToArray();

        // Of several shares the next one is known from the second call on.
        Assert.True(targets.Length == 1 || !told.GetProperty("targets")[0].TryGetProperty("next", out _), request);
        var candidates = targets.SelectMany(t => t.GetProperty("candidates").EnumerateArray());
        Assert.Contains(candidates, c => c.GetProperty("id").GetString() == asked);
    }

    private static (string Method, string Url, Dictionary<string, string> Headers) Draw(Random random)
    {
        string Any(params string[] values) => values[random.Next(values.Length)];
        var headers = new Dictionary<string, string>();
        if (random.Next(4) == 0)
        {
            headers["x-beta"] = Any("yes", "y", "no");
        }

        if (random.Next(4) == 0)
        {
            headers["x-off"] = Any("1", "0");
        }

        var path = Any("/", "/orders", "/orders/7", "/orders2", "/x/../orders/1", "/help.html", "/a%20b", "/ORDERS");
        var query = Any("", "", "?page=2", "?page=two", "?page=%32", "?a=1&page=10", "?");
        return (Any("GET", "HEAD", "POST", "PUT", "DELETE"), "http://orders" + path + query, headers);
    }

    /// <summary>The route that the last call took, by the metric of calls.</summary>
    private sealed class RouteListener : IDisposable
    {
        private readonly MeterListener _listener = new();

        public RouteListener(IMeterFactory meters)
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == MeshTelemetry.RequestDuration && instrument.Meter.Scope == meters)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<double>((_, _, tags, _) =>
            {
                foreach (var tag in tags)
                {
                    Last = tag.Key == MeshTelemetry.RouteTag ? (string?)tag.Value : Last;
                }
            });
            _listener.Start();
        }

        public string? Last { get; private set; }

        public void Dispose() => _listener.Dispose();
    }
}
