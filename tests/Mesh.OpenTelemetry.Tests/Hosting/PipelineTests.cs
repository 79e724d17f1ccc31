using System.Net;
using System.Net.Sockets;
using Mesh.OpenTelemetry.Tests.Support;

namespace Mesh.OpenTelemetry.Tests.Hosting;

/// <summary>Pipelines in processes of their own: none, one that leads nowhere, and one of the application.</summary>
public sealed class PipelineTests
{
    [Fact]
    public async Task WithoutVariables_NothingIsTraced_AndMetricsAreServed()
    {
        await using var service = await TestProcess.StartAsync("front");
        using var client = new HttpClient { BaseAddress = service.Address };

        Assert.Equal("not recorded", await client.GetStringAsync("/traced"));
        var metrics = await client.GetStringAsync("/metrics");

        Assert.Contains("http_route=\"/traced\"", metrics, StringComparison.Ordinal);
        Assert.DoesNotContain("http_route=\"/metrics\"", await client.GetStringAsync("/metrics"), StringComparison.Ordinal);
        Assert.InRange(await service.StopAsync(), TimeSpan.Zero, TimeSpan.FromSeconds(15));
    }

    [Fact]
    public async Task Disabled_NothingIsTracedOrMeasured_AndAScrapeIsNoError()
    {
        await using var service = await TestProcess.StartAsync(
            "front", ("OTEL_SDK_DISABLED", "true"), ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1"));
        using var client = new HttpClient { BaseAddress = service.Address };

        Assert.Equal("not recorded", await client.GetStringAsync("/traced"));
        Assert.Equal("", await client.GetStringAsync("/metrics"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Collector_HangingOrAway_HarmsNoCall_AndTheEndIsBounded(bool hangs)
    {
        // A listener that never accepts: connections are made, and nothing ever comes back.
        using var collector = new TcpListener(IPAddress.Loopback, 0);
        collector.Start();
        var port = ((IPEndPoint)collector.LocalEndpoint).Port;
        if (!hangs)
        {
            collector.Stop();
        }

        await using var service = await TestProcess.StartAsync(
            "front",
            ("OTEL_EXPORTER_OTLP_ENDPOINT", $"http://127.0.0.1:{port}"),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
            ("OTEL_BSP_SCHEDULE_DELAY", "50"),
            ("OTEL_BSP_MAX_QUEUE_SIZE", "20"),
            ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "10"),
            ("OTEL_METRIC_EXPORT_INTERVAL", "100"));
        using var client = new HttpClient { BaseAddress = service.Address };
        for (var i = 0; i < 200; i++)
        {
            Assert.Equal("recorded", await client.GetStringAsync("/traced"));
        }

        var took = await service.StopAsync();

        Assert.Equal(0, service.ExitCode);
        Assert.InRange(took, TimeSpan.Zero, TimeSpan.FromSeconds(15));
        Assert.InRange(service.Log.Split('\n').Count(l => l.StartsWith("warn:", StringComparison.Ordinal)), 0, hangs ? 1 : 0);
        Assert.DoesNotContain("fail:", service.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Application_WithAPipelineOfItsOwn_ExportsEachSpanOnce_WithTheMeshsInstrumentation()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var service = await TestProcess.StartAsync(
            "front",
            ("Test__Pipeline", "theirs"),
            ("OTEL_BSP_SCHEDULE_DELAY", "100"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.Address),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
            ("OTEL_METRIC_EXPORT_INTERVAL", "100"));
        using var client = new HttpClient { BaseAddress = service.Address };

        Assert.Equal("recorded", await client.GetStringAsync("/traced"));
        Assert.Contains("http_route=\"/traced\"", await client.GetStringAsync("/metrics"), StringComparison.Ordinal);
        await Eventually.GetAsync(() => receiver.Spans.FirstOrDefault(), "the span", () => service.Log);
        await service.StopAsync();

        var span = Assert.Single(receiver.Spans, s => s.Data.Kind == ReceivedSpan.Server);
        Assert.Equal("GET /traced", span.Name);
        Assert.Empty(receiver.Metrics);
        Assert.Empty(receiver.Logs);
    }

    [Fact]
    public async Task LastRequest_IsFlushedWhenTheProcessEnds()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var service = await TestProcess.StartAsync(
            "front",
            ("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.Address),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
            ("OTEL_BSP_SCHEDULE_DELAY", "3000"));
        using var client = new HttpClient { BaseAddress = service.Address };
        await client.GetStringAsync("/traced");
        await Eventually.GetAsync(() => receiver.Spans.FirstOrDefault(), "the first span", () => service.Log);

        await client.GetStringAsync("/items/last");
        await service.StopAsync();

        Assert.Contains(receiver.Spans, s => s.Name == "GET /items/{id}");
        Assert.Contains(receiver.Metrics, m => m.Data.Name == "http.server.request.duration");
    }
}
