using Mesh.OpenTelemetry.Prometheus;
using Microsoft.Extensions.Primitives;

namespace Mesh.OpenTelemetry.Tests.Prometheus;

public sealed class ExpositionFormatsTests
{
    [Theory]
    [InlineData(null, "Text")]
    [InlineData("*/*", "Text")]
    [InlineData("text/html;q=0.9, */*;q=0.1", "Text")]
    [InlineData("application/openmetrics-text", "OpenMetrics")]
    [InlineData("application/openmetrics-text; version=1.0.0", "OpenMetrics")]
    [InlineData("application/openmetrics-text; version=\"1.0.0\"", "OpenMetrics")]
    [InlineData("application/openmetrics-text; version=0.0.1", "Text")]
    [InlineData("application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1", "OpenMetrics")]
    [InlineData("application/openmetrics-text;q=0.3,text/plain;q=0.5", "Text")]
    [InlineData("application/openmetrics-text;q=0", "Text")]
    [InlineData("no media type at all;;;", "Text")]
    public void Accept_ChoosesTheFormat(string? accept, string expected) =>
        Assert.Equal(expected, ExpositionFormats.Negotiate(accept is null ? StringValues.Empty : accept).ToString());
}
