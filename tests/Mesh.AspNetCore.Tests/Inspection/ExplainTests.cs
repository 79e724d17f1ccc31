using System.Net;
using System.Text;
using System.Text.Json;
using Mesh.AspNetCore.Tests.Support;
using Mesh.Client;
using Mesh.Client.Attempts;
using Mesh.Client.Discovery;
using Mesh.Client.Pipeline;
using Mesh.Policy;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.AspNetCore.Tests.Inspection;

public sealed class ExplainTests
{
    private const string Canary = """
        {
          "schema": 1,
          "timeout": { "total": "3s", "attempt": "1s" },
          "subsets": {
            "v1": { "meta": { "version": "1" } },
            "v2": { "meta": { "version": "2" }, "onEmpty": "v1" }
          },
          "routes": [
            { "name": "beta", "match": { "header": { "x-beta": "yes" } }, "split": { "v2": "100%" } },
            { "name": "checkout", "match": { "method": ["POST"], "path": { "exact": "/orders" } },
              "retry": { "idempotent": "with-key" }, "split": { "v1": "95%", "v2": "5%" } },
            { "name": "export", "match": { "path": { "prefix": "/orders/export" } }, "retry": "off" },
            { "name": "rest", "split": { "v1": "100%" } }
          ]
        }
        """;

    [Theory]
    [InlineData("http://orders/", true, "no dot")]
    [InlineData("http://orders.mesh/", true, "suffix")]
    [InlineData("http://www.example.com/", false, ".service.consul")]
    [InlineData("http://localhost/", false, "this machine")]
    [InlineData("http://10.0.0.1/", false, "address")]
    [InlineData("http://orders:8080/", false, "port 8080")]
    [InlineData("ftp://orders/", false, "scheme")]
    public async Task Explain_AnyUrl_SaysWhetherItIsAMeshName(string url, bool meshed, string because)
    {
        await using var app = await InspectedApp.StartAsync();

        var told = await app.ExplainAsync($"url={url}");

        Assert.Equal(meshed, told.GetProperty("meshed").GetBoolean());
        Assert.Contains(because, told.GetProperty("because").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Explain_ARequest_TellsTheRoute_AndWhyNoEarlierOne()
    {
        await using var app = await CanaryAsync();

        var text = await app.TextAsync("url=http://orders/orders/7?x=1");

        AssertLine(text, "route", "rest");
        Assert.Contains("not beta: header x-beta is not 'yes'", text, StringComparison.Ordinal);
        Assert.Contains("not checkout: the method is not POST", text, StringComparison.Ordinal);
        Assert.Contains("not export: the path does not start with '/orders/export'", text, StringComparison.Ordinal);
        AssertLine(text, "goes to", "subset v1, 100% of the route's calls");
        AssertLine(text, "out", "c 10.0.0.1:1099 ready: not in subset v1: its metadata version is '2', not '1'");
        AssertLine(text, "timeouts", "call 3 s, attempt 1 s, connect 1 s, TLS 5 s, idle body no limit");
        AssertLine(text, "limits", "none in force: this version has no rate or concurrency limits");
        AssertLine(text, "policy", "test-1, from defaults");
        AssertLine(text, "switches", "none");
    }

    [Fact]
    public async Task Explain_ASplit_TellsEachShare_AndWhoStandsInForAnEmptySubset()
    {
        await using var app = await CanaryAsync();
        app.With("orders", InspectedApp.Endpoint("a", "1"), InspectedApp.Endpoint("b", "1"));

        var told = await app.ExplainAsync("url=http://orders/orders&method=POST&header=idempotency-key:4711");

        Assert.Equal("checkout", told.GetProperty("route").GetProperty("name").GetString());
        var targets = told.GetProperty("targets").EnumerateArray().ToArray();
        Assert.Equal(["v1", "v2"], targets.Select(t => t.GetProperty("subset").GetString()));
        Assert.Equal(["95%", "5%"], targets.Select(t => t.GetProperty("share").GetString()));
        Assert.Equal("v1", targets[1].GetProperty("standIn").GetString());
        Assert.Equal(2, targets[1].GetProperty("candidates").GetArrayLength());
        var retry = told.GetProperty("retry");
        Assert.True(retry.GetProperty("repeatable").GetBoolean());
        Assert.Contains("Idempotency-Key", retry.GetProperty("because").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Explain_Candidates_HaveTheBalancersOwnCostAndChance()
    {
        await using var app = await InspectedApp.StartAsync();
        var upstream = app.With("orders", InspectedApp.Endpoint("idle"), InspectedApp.Endpoint("busy"));
        InspectedApp.Govern(upstream, """{ "schema": 1, "balance": { "algorithm": "least-request" } }""");
        var busy = upstream.Endpoints.Single(e => e.Id == "busy");
        busy.Begin();
        busy.Begin();

        var target = (await app.ExplainAsync("url=http://orders/")).GetProperty("targets")[0];

        Assert.Equal("least-request", target.GetProperty("algorithm").GetString());
        var candidates = target.GetProperty("candidates").EnumerateArray().ToArray();
        Assert.Equal(["idle", "busy"], candidates.Select(c => c.GetProperty("id").GetString()));
        Assert.Equal([1, 3], candidates.Select(c => c.GetProperty("cost").GetDouble()));
        Assert.Equal([1, 0], candidates.Select(c => c.GetProperty("chance").GetDouble()));
        Assert.Equal([0, 2], candidates.Select(c => c.GetProperty("inFlight").GetInt32()));
    }

    [Fact]
    public async Task Explain_EndpointsThatAreOut_HaveTheirReason()
    {
        await using var app = await InspectedApp.StartAsync();
        var upstream = app.With(
            "orders",
            InspectedApp.Endpoint("good"),
            InspectedApp.Endpoint("bad"),
            InspectedApp.Endpoint("suspect"),
            InspectedApp.Endpoint("other"),
            InspectedApp.Endpoint("more"),
            InspectedApp.Endpoint("gone") with { Vanished = true },
            InspectedApp.Endpoint("sick", health: EndpointHealth.Critical),
            InspectedApp.Endpoint("mended", health: EndpointHealth.Maintenance));
        InspectedApp.Answer(upstream.Endpoints[1], AttemptOutcome.GatewayError, 5);
        upstream.Endpoints[2].MarkSuspect(MeshReasons.Draining);

        var text = await app.TextAsync("url=http://orders/");

        Assert.Contains(
            "bad 10.0.0.1:1295 ejected: calls failed one after the other; for another ",
            text,
            StringComparison.Ordinal);
        Assert.Contains("suspect: it said that it is about to stop", text, StringComparison.Ordinal);
        Assert.Contains("only for a retry that has tried all candidates", text, StringComparison.Ordinal);
        Assert.Contains("suspect: Consul no longer lists it", text, StringComparison.Ordinal);
        Assert.Contains("critical: a health check in Consul is critical", text, StringComparison.Ordinal);
        Assert.Contains("maintenance: in maintenance; never used", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Explain_Retries_AreWhatTheRulesSay()
    {
        await using var app = await CanaryAsync();

        var get = Failures(await app.ExplainAsync("url=http://orders/orders/7"));
        var post = Failures(await app.ExplainAsync("url=http://orders/orders/7&method=POST"));
        var keyed = Failures(await app.ExplainAsync("url=http://orders/orders&method=POST&header=Idempotency-Key:1"));
        var marked = Failures(await app.ExplainAsync("url=http://orders/orders/7&method=POST&idempotent=true"));
        var never = Failures(await app.ExplainAsync("url=http://orders/orders/7&noRetry=true"));
        var off = Failures(await app.ExplainAsync("url=http://orders/orders/export"));

        Assert.True(get["connect refused"] && get["reset before the answer"]);
        Assert.True(get["503"] && get["no answer within 1 s"]);
        Assert.False(get["500"] || get["504"] || get["429"]);
        Assert.True(post["connect refused"] && post["stream refused (HTTP/2)"]);
        Assert.False(post["reset before the answer"] || post["503"]);
        Assert.True(keyed["503"] && marked["503"]);
        Assert.True(never["connect refused"]);
        Assert.False(never["503"]);
        Assert.DoesNotContain(true, off.Values);
    }

    [Fact]
    public async Task Explain_UnderASwitch_TellsTheSwitchedCall()
    {
        await using var app = await CanaryAsync();
        app.Runtime.GetUpstream("orders").ApplySwitches(new SwitchState(Bypass: true, Mechanisms.None));

        var told = await app.ExplainAsync("url=http://orders/orders/7&header=x-beta:yes");

        Assert.Equal("rest", told.GetProperty("route").GetProperty("name").GetString());
        var target = told.GetProperty("targets")[0];
        Assert.Equal("round-robin", target.GetProperty("algorithm").GetString());
        Assert.Equal(3, target.GetProperty("candidates").GetArrayLength());
        Assert.Equal(1, told.GetProperty("retry").GetProperty("maxAttempts").GetInt32());
        var retry = told.GetProperty("retry");
        Assert.Contains("switch", retry.GetProperty("because").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Explain_AClientOfTheApplication_IsToldByWhatTheMeshMadeOfIt()
    {
        await using var app = await InspectedApp.StartAsync(builder =>
        {
            builder.Services.AddHttpClient("plain").RemoveMesh();
            builder.Services.AddHttpClient("meshed");
        });
        app.With("orders", InspectedApp.Endpoint("a"));
        var factory = app.App.Services.GetRequiredService<IHttpClientFactory>();
        using var plain = factory.CreateClient("plain");
        using var meshed = factory.CreateClient("meshed");

        var removed = await app.ExplainAsync("url=http://orders/&client=plain");
        var kept = await app.ExplainAsync("url=http://orders/&client=meshed");
        var unknown = await app.ExplainAsync("url=http://orders/&client=nobody");

        Assert.False(removed.GetProperty("meshed").GetBoolean());
        Assert.Contains("RemoveMesh", removed.GetProperty("because").GetString(), StringComparison.Ordinal);
        Assert.True(kept.GetProperty("client").GetProperty("meshed").GetBoolean());
        var because = unknown.GetProperty("because").GetString();
        Assert.Contains("no HttpClient of the name", because, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Explain_AGrpcCall_IsToldAsOne()
    {
        await using var app = await InspectedApp.StartAsync();
        app.With("payments", InspectedApp.Endpoint("a"), InspectedApp.Endpoint("b"));

        var told = await app.ExplainAsync("url=http://payments/shop.Payments/Charge&grpc&deadline=500ms");

        Assert.True(told.GetProperty("grpc").GetBoolean());
        Assert.Equal("POST", told.GetProperty("method").GetString());
        Assert.Equal(500, told.GetProperty("timeouts").GetProperty("totalMs").GetDouble());
        Assert.True(told.GetProperty("timeouts").GetProperty("totalIsCallers").GetBoolean());
        Assert.False(Failures(told)["grpc-status 14"]);
        Assert.True(Failures(await app.ExplainAsync("url=http://payments/&grpc&idempotent"))["grpc-status 14"]);
    }

    [Fact]
    public async Task Explain_ABodyInJson_IsAsTheQuery()
    {
        await using var app = await CanaryAsync();
        using var body = new StringContent(
            """{ "url": "http://orders/orders/7", "headers": { "x-beta": "yes" } }""",
            Encoding.UTF8,
            "application/json");

        using var answer = await app.Http.PostAsync("/mesh/explain", body);

        AssertLine(await answer.Content.ReadAsStringAsync(), "route", "beta");
    }

    [Theory]
    [InlineData("")]
    [InlineData("url=orders")]
    [InlineData("url=http://orders/&method=GE%20T")]
    [InlineData("url=http://orders/&header=nocolon")]
    [InlineData("url=http://orders/&header=a%20b:c")]
    [InlineData("url=http://orders/&deadline=soon")]
    [InlineData("url=http://orders/&deadline=999999999999m")]
    [InlineData("url=http://orders/?a=1&b=2")]
    [InlineData("url=http://orders/&grpc=maybe")]
    public async Task Explain_WhatCannotBeRead_IsAnsweredWithWhatIsWrong(string query)
    {
        await using var app = await InspectedApp.StartAsync();

        using var answer = await app.Http.GetAsync("/mesh/explain?" + query);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.NotEmpty(await answer.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("{ \"url\": 7 }")]
    [InlineData("{ \"url\": \"http://orders/\", \"headers\": null, \"method\": \"\" }")]
    public async Task Explain_ABodyThatCannotBeRead_IsAnsweredWithWhatIsWrong(string body)
    {
        await using var app = await InspectedApp.StartAsync();
        using var content = new StringContent(body, Encoding.UTF8, "application/json");

        using var answer = await app.Http.PostAsync("/mesh/explain", content);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.NotEmpty(await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Explain_ANameNobodyCalled_StartsNothing()
    {
        await using var app = await InspectedApp.StartAsync();

        var text = await app.TextAsync("url=http://typo/");

        Assert.Contains("has not called typo", text, StringComparison.Ordinal);
        Assert.Contains("PassThrough", text, StringComparison.Ordinal);
        Assert.Empty(app.Runtime.Upstreams);
    }

    [Fact]
    public async Task Explain_WhatARequestHolds_IsNotRepeated()
    {
        await using var app = await CanaryAsync();
        const string Query = "url=http://orders/orders/4111111111111111?card=4111111111111111" +
                             "&header=authorization:Bearer%20top-secret&header=x-beta:ana%40example.com";

        var text = await app.TextAsync(Query) + await app.ExplainAsync(Query);

        Assert.DoesNotContain("4111", text, StringComparison.Ordinal);
        Assert.DoesNotContain("top-secret", text, StringComparison.Ordinal);
        Assert.DoesNotContain("ana@", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "text/plain")]
    [InlineData("*/*", "text/plain")]
    [InlineData("text/html,application/xhtml+xml,*/*;q=0.8", "text/plain")]
    [InlineData("application/json", "application/json")]
    [InlineData("application/json, text/plain, */*", "application/json")]
    [InlineData("application/json;q=0.5, text/plain", "text/plain")]
    [InlineData("application/json;q=0", "text/plain")]
    public async Task Explain_ByWhatIsAccepted_IsTextOrJson(string? accept, string type)
    {
        await using var app = await CanaryAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/mesh/explain?url=http://orders/");
        if (accept is not null)
        {
            request.Headers.TryAddWithoutValidation("Accept", accept);
        }

        using var answer = await app.Http.SendAsync(request);

        Assert.Equal(type, answer.Content.Headers.ContentType!.MediaType);
    }

    private static async Task<InspectedApp> CanaryAsync()
    {
        var app = await InspectedApp.StartAsync();
        var upstream = app.With(
            "orders",
            InspectedApp.Endpoint("a", "1"), InspectedApp.Endpoint("b", "1"), InspectedApp.Endpoint("c", "2"));
        InspectedApp.Govern(upstream, Canary);
        return app;
    }

    private static Dictionary<string, bool> Failures(JsonElement told) =>
        told.GetProperty("retry").GetProperty("failures").EnumerateArray().ToDictionary(
            f => f.GetProperty("failure").GetString()!, f => f.GetProperty("again").GetBoolean());

    private static void AssertLine(string text, string label, string expected)
    {
        var found = text.Split('\n').Any(line => line.Length > 13 && line[..13].Trim() == label
            && line[13..].StartsWith(expected, StringComparison.Ordinal));
        Assert.True(found, $"No line '{label}' starts with '{expected}':\n{text}");
    }
}
