using Mesh.OpenTelemetry.Hosting;
using Microsoft.Extensions.Configuration;
using OpenTelemetry.Exporter;

namespace Mesh.OpenTelemetry.Tests.Hosting;

public sealed class OtelSettingsTests
{
    [Theory]
    [InlineData("", null, null, null)]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=", null, null, null)]
    [InlineData(
        "OTEL_EXPORTER_OTLP_ENDPOINT=http://c:4317", "Grpc http://c:4317/", "Grpc http://c:4317/", "Grpc http://c:4317/")]
    [InlineData(
        "OTEL_EXPORTER_OTLP_ENDPOINT=http://c:4318/base/", "HttpProtobuf http://c:4318/base/v1/traces",
        "HttpProtobuf http://c:4318/base/v1/metrics", "HttpProtobuf http://c:4318/base/v1/logs")]
    [InlineData(
        "OTEL_EXPORTER_OTLP_ENDPOINT=http://c:9;OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf;OTEL_EXPORTER_OTLP_TRACES_PROTOCOL=grpc",
        "Grpc http://c:9/", "HttpProtobuf http://c:9/v1/metrics", "HttpProtobuf http://c:9/v1/logs")]
    [InlineData("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT=http://m:4318/x", null, "HttpProtobuf http://m:4318/x", null)]
    [InlineData("OTEL_TRACES_EXPORTER=otlp", "Grpc http://localhost:4317/", null, null)]
    [InlineData(
        "OTEL_EXPORTER_OTLP_ENDPOINT=http://c:4317;OTEL_TRACES_EXPORTER=none;OTEL_METRICS_EXPORTER=prometheus", null, null,
        "Grpc http://c:4317/")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=http://c:4317;OTEL_SDK_DISABLED=TRUE", null, null, null)]
    public void Variables_SayWhatGoesWhere(string variables, string? traces, string? metrics, string? logs)
    {
        var settings = Read(variables);

        Assert.Equal([traces, metrics, logs], new[] { Signal.Traces, Signal.Metrics, Signal.Logs }.Select(
            s => settings.Target(s) is { } target ? $"{target.Protocol} {target.Endpoint}" : null));
        Assert.Empty(settings.Problems);
    }

    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=collector:4317", "OTEL_EXPORTER_OTLP_ENDPOINT is 'collector:4317'")]
    [InlineData("OTEL_TRACES_EXPORTER=console", "OTEL_TRACES_EXPORTER names 'console'")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=http://c;OTEL_EXPORTER_OTLP_PROTOCOL=http/json", "PROTOCOL is 'http/json'")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=http://c;OTEL_EXPORTER_OTLP_TIMEOUT=10s", "OTEL_EXPORTER_OTLP_TIMEOUT is '10s'")]
    [InlineData("OTEL_METRIC_EXPORT_INTERVAL=10s", "OTEL_METRIC_EXPORT_INTERVAL is '10s'")]
    [InlineData("OTEL_METRIC_EXPORT_TIMEOUT=0", "OTEL_METRIC_EXPORT_TIMEOUT is '0'")]
    public void Nonsense_IsToldAndCountsAsNotSet(string variables, string problem)
    {
        var settings = Read(variables);

        Assert.Contains(settings.Problems, p => p.Contains(problem, StringComparison.Ordinal));
    }

    [Fact]
    public void Target_BecomesTheExportersOptions()
    {
        var options = Read(
            "OTEL_EXPORTER_OTLP_ENDPOINT=http://c:4318;OTEL_EXPORTER_OTLP_HEADERS=a=1;OTEL_EXPORTER_OTLP_TIMEOUT=700;"
            + "OTEL_EXPORTER_OTLP_COMPRESSION=gzip").Target(Signal.Logs)!.ToOptions();

        Assert.Equal(new Uri("http://c:4318/v1/logs"), options.Endpoint);
        Assert.Equal(OtlpExportProtocol.HttpProtobuf, options.Protocol);
        Assert.Equal("a=1", options.Headers);
        Assert.Equal(700, options.TimeoutMilliseconds);
        Assert.Equal(OtlpExportCompression.GZip, options.Compression);
    }

    [Fact]
    public void Metrics_HaveTheirOwnTimes()
    {
        var settings = Read("OTEL_METRIC_EXPORT_INTERVAL=5000;OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE=Delta");

        Assert.Equal(5_000, settings.MetricInterval);
        Assert.Equal(30_000, settings.MetricTimeout);
        Assert.True(settings.PrefersDelta);
    }

    private static OtelSettings Read(string variables) => new(new ConfigurationBuilder().AddInMemoryCollection(
        variables.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(v => v.Split('=', 2))
            .Select(v => new KeyValuePair<string, string?>(v[0], v[1]))).Build());
}
