using Mesh.OpenTelemetry.Prometheus;

namespace Mesh.OpenTelemetry.Tests.Prometheus;

public sealed class MetricFamilyTests
{
    [Theory]
    [InlineData("mesh.client.request.duration", "s", "Histogram", "mesh_client_request_duration_seconds")]
    [InlineData("mesh.client.retries", "{retry}", "Counter", "mesh_client_retries")]
    [InlineData("mesh.policy.info", "{info}", "Gauge", "mesh_policy_info")]
    [InlineData("cpu.ratio", "1", "Gauge", "cpu_ratio")]
    [InlineData("dotnet.gc.heap.total_allocated", "By", "Counter", "dotnet_gc_heap_total_allocated_bytes")]
    [InlineData("sent.total", "By", "Counter", "sent_bytes")]
    [InlineData("sent_bytes_total", "By", "Counter", "sent_bytes")]
    [InlineData("wait.seconds", "s", "Gauge", "wait_seconds")]
    [InlineData("9 lives//left", "", "Gauge", "_9_lives_left")]
    [InlineData("dotnet.assembly.count", "{assembly}", "Gauge", "dotnet_assembly_count_value")]
    [InlineData("read.count", "", "Counter", "read_count")]
    [InlineData("speed", "m/s", "Gauge", "speed_meters_per_second")]
    [InlineData("calls", "{call}/min", "Gauge", "calls_per_minute")]
    [InlineData("rule:sum", "", "Gauge", "rule:sum")]
    [InlineData("total", "", "Counter", "total")]
    [InlineData("größe", "", "Gauge", "gr_e")]
    public void Name_OfOpenTelemetry_BecomesThatOfPrometheus(string name, string unit, string kind, string expected) =>
        Assert.Equal(expected, MetricFamily.Of(name, unit, Enum.Parse<MetricKind>(kind)).Name);

    [Fact]
    public void Counter_IsDescribedUnderItsSamplesNameInTextOnly()
    {
        var family = MetricFamily.Of("calls", "", MetricKind.Counter);

        Assert.Equal("calls_total", family.SampleName);
        Assert.Equal("calls_total", family.DescribedName(ExpositionFormat.Text));
        Assert.Equal("calls", family.DescribedName(ExpositionFormat.OpenMetrics));
    }

    [Theory]
    [InlineData("http.route", "http_route")]
    [InlineData("a..b", "a_b")]
    [InlineData("1st", "_1st")]
    [InlineData("a:b", "a_b")]
    public void Label_IsSanitized(string key, string expected) => Assert.Equal(expected, PrometheusName.OfLabel(key));

    [Theory]
    [InlineData("__name__")]
    [InlineData("__")]
    public void Label_NeverBecomesOneOfPrometheusOwn(string key) =>
        Assert.False(PrometheusName.OfLabel(key).StartsWith("__", StringComparison.Ordinal));
}
