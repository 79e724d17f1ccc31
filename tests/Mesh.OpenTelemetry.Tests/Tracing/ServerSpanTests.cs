using System.Net;
using System.Net.Http.Headers;
using Mesh.OpenTelemetry.Tests.Support;

namespace Mesh.OpenTelemetry.Tests.Tracing;

/// <summary>Spans of requests, as a collector gets them.</summary>
public sealed class ServerSpanTests
{
    [Fact]
    public async Task Requests_AreNamedByRoute_AndNeverByWhatWasTyped()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var service = await StartAsync("front", receiver);
        using var client = new HttpClient { BaseAddress = service.Address };

        using var failed = await client.GetAsync("/fail?who=jane-doe");
        using var missing = await client.GetAsync("/nowhere/of-jane-doe");
        using var odd = await client.SendAsync(new HttpRequestMessage(new HttpMethod("BREWJANEDOE"), "/items/1"));

        var spans = await ReceivedAsync(receiver, service, 3);
        Assert.Equal(["GET /fail", "GET", "HTTP"], spans.Select(s => s.Name));
        Assert.Equal(["500", "404", "405"], spans.Select(s => s.Tags["http.response.status_code"]));
        Assert.Equal([true, false, false], spans.Select(s => s.IsError));
        Assert.Equal("System.InvalidOperationException", spans[0].Tags["error.type"]);
        Assert.DoesNotContain("error.type", spans[1].Tags);
        Assert.Equal("_OTHER", spans[2].Tags["http.request.method"]);
        Assert.DoesNotContain("doe", receiver.Everything, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task GrpcRequest_IsNamedByItsMethod_WithItsStatus()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var service = await StartAsync("prices", receiver);
        using var client = new HttpClient { BaseAddress = service.Address };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/shop.Prices/Quote")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(new byte[5])
            {
                Headers = { ContentType = new MediaTypeHeaderValue("application/grpc+json") },
            },
        };

        using var response = await client.SendAsync(request);

        var span = Assert.Single(await ReceivedAsync(receiver, service, 1));
        Assert.Equal("shop.Prices/Quote", span.Name);
        Assert.Equal("grpc", span.Tags["rpc.system"]);
        Assert.Equal("shop.Prices", span.Tags["rpc.service"]);
        Assert.Equal("Quote", span.Tags["rpc.method"]);
        Assert.Equal("14", span.Tags["rpc.grpc.status_code"]);
        Assert.True(span.IsError);
        Assert.Equal("200", span.Tags["http.response.status_code"]);
    }

    private static Task<ReceivedSpan[]> ReceivedAsync(OtlpReceiver receiver, TestProcess service, int count) =>
        Eventually.GetAsync(
            () => receiver.Spans.Where(s => s.Data.Kind == ReceivedSpan.Server).OrderBy(s => s.Data.Start).ToArray() is var spans
                && spans.Length >= count ? spans : null,
            $"{count} spans of requests",
            () => service.Log);

    private static Task<TestProcess> StartAsync(string name, OtlpReceiver receiver) => TestProcess.StartAsync(
        name,
        ("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.Address),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
        ("OTEL_BSP_SCHEDULE_DELAY", "100"));
}
