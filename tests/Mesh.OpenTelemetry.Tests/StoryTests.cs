using Mesh.OpenTelemetry.Tests.Support;
using Mesh.Testing;
using Xunit.Abstractions;

namespace Mesh.OpenTelemetry.Tests;

/// <summary>What a collector can tell of calls between two services, each a process of its own.</summary>
public sealed class StoryTests(ITestOutputHelper output)
{
    // Long enough not to occur in a timestamp or an id by chance.
    private const string Secret = "order-of-jane-doe";
    private const string Card = "4111111111111111";
    private const string OrderRoute = "GET /orders/{id}";

    [Fact]
    public async Task RetriedAndFailedOverCall_ReadsAsOneStory_WithItsMetricsAndLogs()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var broken = await HttpBackend.StartAsync(new HttpBackendOptions { Name = "broken" });
        broken.Respond(BackendAnswer.Status(503));
        await using var back = await TestProcess.StartAsync("back", Settings(receiver));
        await using var front = await TestProcess.StartAsync(
            "front",
            [
                .. Settings(receiver),
                ("Mesh__Upstreams__back__Endpoints__0", broken.Address.Authority),
                ("Mesh__Upstreams__back__Endpoints__1", back.Authority),
                ("Mesh__Instance", "front-1"),
                ("Mesh__Version", "1.2.3"),
                ("Mesh__Zone", "zone-a"),
            ]);

        await CallUntilAsync(front, () => broken.RequestCount > 0);
        var story = await Eventually.GetAsync(
            () => FindStory(receiver), "a retried call with all its spans", () => Describe(receiver, front));

        output.WriteLine(string.Join('\n', story.AsEnumerable()));
        TellsTheStory(story, broken.Address.Port, back.Address.Port);
        HasResource(story[0].Resource);
        await HasMetricsAsync(receiver, front);
        await HasCorrelatedLogAsync(receiver, story[0], front);
        Assert.DoesNotContain(Secret, receiver.Everything, StringComparison.Ordinal);
        Assert.DoesNotContain(Card, receiver.Everything, StringComparison.Ordinal);
    }

    private static void TellsTheStory(ReceivedSpan[] story, int brokenPort, int backPort)
    {
        var server = Assert.Single(story, s => s.Service == "front" && s.Data.Kind == ReceivedSpan.Server);
        Assert.Equal(OrderRoute, server.Name);
        Assert.Equal("/orders/{id}", server.Tags["http.route"]);
        Assert.Equal("GET", server.Tags["http.request.method"]);
        Assert.Equal("200", server.Tags["http.response.status_code"]);
        Assert.False(server.IsError);

        var call = Assert.Single(story, s => s.Name == "mesh back");
        Assert.Equal(server.Id, call.Parent);
        Assert.Equal("back", call.Tags["mesh.service"]);
        Assert.Equal("success", call.Tags["mesh.outcome"]);
        var attempts = call.Data.Events.Select(e => Texts.Of(e.Attributes)).ToArray();
        Assert.Equal(["gateway_error", "success"], attempts.Select(a => a["mesh.outcome"]));
        Assert.Equal(["503", "200"], attempts.Select(a => a["http.response.status_code"]));
        Assert.Equal("gateway_error", attempts[0]["mesh.reason"]);
        Assert.InRange(double.Parse(attempts[0]["mesh.pause"], System.Globalization.CultureInfo.InvariantCulture), 0, 1);
        Assert.NotEqual(attempts[0]["mesh.endpoint"], attempts[1]["mesh.endpoint"]);

        // The platform's spans, to which the mesh adds what only it knows.
        var first = Assert.Single(story, s => s.Data.Kind == ReceivedSpan.Client && s.Parent == server.Id);
        Assert.Equal("503", first.Tags["http.response.status_code"]);
        Assert.Equal($"{brokenPort}", first.Tags["network.peer.port"]);
        Assert.Equal(attempts[0]["mesh.endpoint"], first.Tags["mesh.endpoint"]);
        Assert.DoesNotContain("http.request.resend_count", first.Tags);
        var second = Assert.Single(story, s => s.Data.Kind == ReceivedSpan.Client && s.Parent == call.Id);
        Assert.Equal("200", second.Tags["http.response.status_code"]);
        Assert.Equal($"{backPort}", second.Tags["network.peer.port"]);
        Assert.Equal("1", second.Tags["http.request.resend_count"]);
        Assert.Equal("http://back/*", second.Tags["url.full"]);
        Assert.Equal(attempts[1]["mesh.endpoint"], second.Tags["mesh.endpoint"]);

        var callee = Assert.Single(story, s => s.Service == "back" && s.Data.Kind == ReceivedSpan.Server);
        Assert.Equal(second.Id, callee.Parent);
        Assert.Equal("GET /items/{id}", callee.Name);
        Assert.All(story, s => Assert.Equal(server.Trace, s.Trace));
    }

    private static void HasResource(IReadOnlyDictionary<string, string> resource)
    {
        Assert.Equal("front", resource["service.name"]);
        Assert.Equal("1.2.3", resource["service.version"]);
        Assert.Equal("front-1", resource["service.instance.id"]);
        Assert.Equal("zone-a", resource["cloud.availability_zone"]);
        Assert.Equal("blue", resource["shop.color"]);
    }

    private static async Task HasMetricsAsync(OtlpReceiver receiver, TestProcess front)
    {
        foreach (var name in (string[])[
            "mesh.client.request.duration", "mesh.client.attempt.duration", "mesh.client.retries", "mesh.endpoints",
            "http.client.request.duration", "http.server.request.duration", "kestrel.active_connections",
            "dotnet.gc.collections"])
        {
            var metric = await Eventually.GetAsync(
                () => receiver.Metrics.FirstOrDefault(m => m.Data.Name == name && m.Resource["service.name"] == "front"),
                name,
                () => Describe(receiver, front));
            HasResource(metric.Resource);
        }
    }

    private static async Task HasCorrelatedLogAsync(OtlpReceiver receiver, ReceivedSpan span, TestProcess front)
    {
        var record = await Eventually.GetAsync(
            () => receiver.Logs.FirstOrDefault(l => l.Data.TraceId.ToBase64() == span.Trace && l.Category == "Orders"),
            "the log of that call",
            () => Describe(receiver, front));
        Assert.Equal("An order is looked at.", record.Data.Body.Text);
        HasResource(record.Resource);
    }

    private static ReceivedSpan[]? FindStory(OtlpReceiver receiver)
    {
        var spans = receiver.Spans;
        return spans.Where(s => s.Name == "mesh back")
            .Select(call => spans.Where(s => s.Trace == call.Trace).OrderBy(s => s.Data.Start).ToArray())
            .FirstOrDefault(story => story.Length == 5);
    }

    private static async Task CallUntilAsync(TestProcess front, Func<bool> condition)
    {
        using var client = new HttpClient();
        for (var calls = 0; !condition(); calls++)
        {
            Assert.True(calls < 200, "The broken endpoint was never chosen.");
            Assert.Equal("item " + Secret, await client.GetStringAsync(new Uri(front.Address, $"/orders/{Secret}?card={Card}")));
        }
    }

    private static (string Name, string Value)[] Settings(OtlpReceiver receiver) =>
    [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.Address),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
        ("OTEL_RESOURCE_ATTRIBUTES", "shop.color=blue"),
        ("OTEL_BSP_SCHEDULE_DELAY", "100"),
        ("OTEL_BLRP_SCHEDULE_DELAY", "100"),
        ("OTEL_METRIC_EXPORT_INTERVAL", "500"),
    ];

    private static string Describe(OtlpReceiver receiver, TestProcess front) =>
        $"{string.Join('\n', receiver.Spans)}\n"
        + $"{string.Join('\n', receiver.Metrics.Select(m => m.Data.Name).Distinct())}\n{front.Log}";
}
