using System.Net;
using Mesh.AspNetCore.Tests.Support;
using Mesh.Client;
using Mesh.Client.Attempts;
using Mesh.Client.Discovery;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.AspNetCore.Tests.Inspection;

public sealed class MeshViewTests
{
    [Fact]
    public async Task Mesh_OfAProcess_TellsWhoItIsAndWhatItKnows()
    {
        await using var app = await InspectedApp.StartAsync(
            b => b.Services.AddHttpClient("plain").RemoveMesh(),
            configure: o => (o.Instance, o.Version, o.Zone) = ("web-1", "1.2.3", "zone-a"));
        app.App.Services.GetRequiredService<IHttpClientFactory>().CreateClient("plain").Dispose();
        var upstream = app.With("orders", InspectedApp.Endpoint("a", "1", weight: 3), InspectedApp.Endpoint("b", "2"));
        InspectedApp.Govern(upstream, """
            { "schema": 1, "timeout": { "total": "3s" }, "subsets": { "v1": { "meta": { "version": "1" } } } }
            """);

        var mesh = await app.MeshAsync();

        Assert.Equal(
            ("web", "web-1", "1.2.3", "zone-a", "normal", 1, false),
            (mesh.GetProperty("service").GetString(), mesh.GetProperty("instance").GetString(),
                mesh.GetProperty("version").GetString(), mesh.GetProperty("zone").GetString(),
                mesh.GetProperty("mode").GetString(), mesh.GetProperty("schema").GetInt32(),
                mesh.GetProperty("draining").GetBoolean()));
        Assert.False(mesh.TryGetProperty("registration", out _));
        Assert.False(mesh.GetProperty("consul").GetProperty("used").GetBoolean());
        Assert.Equal(64 * Environment.ProcessorCount, mesh.GetProperty("retries").GetProperty("limit").GetInt32());
        var client = mesh.GetProperty("clients").EnumerateArray().Single();
        Assert.Equal("plain", client.GetProperty("name").GetString());
        Assert.False(client.GetProperty("meshed").GetBoolean());

        var orders = mesh.GetProperty("upstreams").EnumerateArray().Single();
        Assert.Equal(
            ("orders", "known", "test-1", 2, 3.0),
            (orders.GetProperty("name").GetString(), orders.GetProperty("state").GetString(),
                orders.GetProperty("policyRevision").GetString(),
                orders.GetProperty("states").GetProperty("ready").GetInt32(),
                orders.GetProperty("retryBudget").GetDouble()));
        var subset = orders.GetProperty("subsets").EnumerateArray()
            .Single(s => s.GetProperty("name").GetString() == "v1");
        Assert.Equal(1, subset.GetProperty("members").GetInt32());
        var policy = orders.GetProperty("policy");
        Assert.Equal("3s", policy.GetProperty("routes")[0].GetProperty("timeout").GetProperty("total").GetString());
        Assert.Equal("service", policy.GetProperty("origins").GetProperty("/timeout/total").GetString());
        Assert.Equal("default", policy.GetProperty("origins").GetProperty("/retry/maxAttempts").GetString());
        Assert.Equal(3, orders.GetProperty("endpoints")[0].GetProperty("weight").GetInt32());
    }

    [Fact]
    public async Task Mesh_OfEndpoints_TellsStateReasonAndLoad()
    {
        await using var app = await InspectedApp.StartAsync();
        var upstream = app.With("orders", InspectedApp.Endpoint("good"), InspectedApp.Endpoint("bad"));
        upstream.Endpoints[0].Begin();
        InspectedApp.Answer(upstream.Endpoints[1], AttemptOutcome.ConnectFailed, 3);

        var endpoints = (await app.MeshAsync()).GetProperty("upstreams")[0].GetProperty("endpoints");

        var bad = endpoints[0];
        Assert.Equal(
            ("bad", "ejected", MeshReasons.ConnectFailures, 1),
            (bad.GetProperty("id").GetString(), bad.GetProperty("state").GetString(),
                bad.GetProperty("reason").GetString(), bad.GetProperty("ejections").GetInt32()));
        Assert.InRange(bad.GetProperty("leftSeconds").GetDouble(), 1, 37);
        Assert.Equal(1, endpoints[1].GetProperty("inFlight").GetInt32());
        Assert.False(endpoints[1].TryGetProperty("reason", out _));
    }

    [Fact]
    public async Task Mesh_OfMetadata_ShowsTheMeshsOwnAndWhatSubsetsSelectBy_Only()
    {
        await using var app = await InspectedApp.StartAsync();
        var upstream = app.With("orders", InspectedApp.Endpoint("a") with
        {
            Metadata = new Dictionary<string, string>
            {
                ["mesh-schema"] = "1", ["version"] = "7", ["tier"] = "gold", ["owner-password"] = "hunter2",
            },
        });
        InspectedApp.Govern(upstream, """{ "schema": 1, "subsets": { "gold": { "meta": { "tier": "gold" } } } }""");

        var endpoint = (await app.MeshAsync()).GetProperty("upstreams")[0].GetProperty("endpoints")[0];

        Assert.Equal(
            ["mesh-schema", "tier", "version"], endpoint.GetProperty("metadata").EnumerateObject().Select(p => p.Name));
        Assert.True(endpoint.GetProperty("member").GetBoolean());
    }

    [Fact]
    public async Task Mesh_AfterCalls_ShowsNothingOfWhatTheyHeld()
    {
        await using var app = await InspectedApp.StartAsync(b => b.Services.AddHttpClient("any"));
        app.With("orders", InspectedApp.Endpoint("a"), InspectedApp.Endpoint("b"));
        using var client = app.App.Services.GetRequiredService<IHttpClientFactory>().CreateClient("any");
        using var request = new HttpRequestMessage(
            HttpMethod.Post, "http://orders/cards/4111111111111111?mail=ana@example.com");
        request.Headers.Add("Authorization", "Bearer top-secret");
        request.Headers.Add("Idempotency-Key", "planted-key");
        request.Options.Set(MeshRequestOptions.HashKey, "planted-hash");
        request.Content = new StringContent("planted-body");
        (await client.SendAsync(request)).Dispose();

        var text = await app.Http.GetStringAsync("/mesh") + await app.TextAsync("url=http://orders/");

        Assert.All(
            ["4111", "ana@", "top-secret", "planted", "/cards"],
            planted => Assert.DoesNotContain(planted, text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Mesh_OfOneUpstream_IsThatOne()
    {
        await using var app = await InspectedApp.StartAsync();
        app.With("orders", InspectedApp.Endpoint("a"));
        app.With("payments", InspectedApp.Endpoint("a"));

        Assert.Equal(2, (await app.MeshAsync()).GetProperty("upstreams").GetArrayLength());
        var one = (await app.MeshAsync("?upstream=Payments")).GetProperty("upstreams").EnumerateArray().Single();
        Assert.Equal("payments", one.GetProperty("name").GetString());
        using var none = await app.Http.GetAsync("/mesh?upstream=typo");
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
        Assert.Null(app.Runtime.Find("typo", out _));
    }

    [Theory]
    [InlineData("?limit=1001")]
    [InlineData("?limit=many")]
    [InlineData("?offset=-1")]
    public async Task Mesh_WithANumberOutOfRange_SaysTheRange(string query)
    {
        await using var app = await InspectedApp.StartAsync();

        using var answer = await app.Http.GetAsync("/mesh" + query);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("is a number from", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Mesh_OfTenThousandEndpoints_IsBounded_AndSaysSo()
    {
        await using var app = await InspectedApp.StartAsync();
        var endpoints = Enumerable.Range(0, 10_000).Select(i => InspectedApp.Endpoint(
            $"e{i:D5}", weight: 1 + (i % 3), health: i % 100 == 0 ? EndpointHealth.Critical : EndpointHealth.Passing))
            .ToArray();
        app.With("orders", endpoints);

        var text = await app.Http.GetStringAsync("/mesh");
        var orders = InspectedApp.Parse(text).GetProperty("upstreams")[0];
        var page = (await app.MeshAsync("?limit=1000&offset=9500")).GetProperty("upstreams")[0];
        var explained = await app.TextAsync("url=http://orders/");

        Assert.InRange(text.Length, 1, 200_000);
        Assert.Equal(9_900, orders.GetProperty("endpointsLeftOut").GetInt32());
        Assert.Equal(100, orders.GetProperty("states").GetProperty("critical").GetInt32());
        Assert.All(
            orders.GetProperty("endpoints").EnumerateArray(),
            e => Assert.Equal("critical", e.GetProperty("state").GetString()));
        Assert.Equal(500, page.GetProperty("endpoints").GetArrayLength());
        Assert.InRange(explained.Length, 1, 30_000);
        Assert.Contains("... and 9850 more candidates", explained, StringComparison.Ordinal);
        Assert.Contains("... and 50 more that are out", explained, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Mesh_OfManyUpstreams_IsBounded_AndSaysSo()
    {
        await using var app = await InspectedApp.StartAsync();
        for (var i = 0; i < 60; i++)
        {
            app.With($"service-{i:D2}", InspectedApp.Endpoint("a"));
        }

        var mesh = await app.MeshAsync();

        Assert.Equal(50, mesh.GetProperty("upstreams").GetArrayLength());
        Assert.Equal(10, mesh.GetProperty("upstreamsLeftOut").GetInt32());
    }
}
