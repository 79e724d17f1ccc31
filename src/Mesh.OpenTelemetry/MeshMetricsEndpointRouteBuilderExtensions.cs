using System.Diagnostics.CodeAnalysis;
using Mesh.OpenTelemetry.Prometheus;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Serves metrics to Prometheus.</summary>
public static class MeshMetricsEndpointRouteBuilderExtensions
{
    /// <summary>
    /// Answers scrapes with all metrics of this process: OpenMetrics 1.0 to who asks for it, the text format 0.0.4 to
    /// others. Answers are at most half a second old. Scrapes are neither traced nor counted. Anybody who can reach the
    /// address can read them: <c>RequireHost("*:9464")</c> or <c>RequireAuthorization()</c> on what is returned limits
    /// that.
    /// </summary>
    /// <param name="endpoints">The application, before it runs.</param>
    /// <param name="pattern">The path. Default <c>/metrics</c>.</param>
    /// <returns>The endpoint.</returns>
    /// <exception cref="InvalidOperationException">
    /// There is no pipeline to read from, or it was built before this call.
    /// </exception>
    public static IEndpointConventionBuilder MapMeshMetrics(
        this IEndpointRouteBuilder endpoints, [StringSyntax("Route")] string pattern = "/metrics")
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(pattern);
        var scrape = endpoints.ServiceProvider.GetService<PrometheusScrape>() ?? throw new InvalidOperationException(
            "MapMeshMetrics() has no metrics to serve. Call services.AddMesh().AddOpenTelemetry(), or "
            + "AddMeshInstrumentation() on the MeterProviderBuilder of your own pipeline.");
        scrape.Want();
        return endpoints.MapGet(pattern, new RequestDelegate(scrape.AnswerAsync))
            .DisableHttpMetrics()
            .WithDisplayName("Metrics for Prometheus");
    }
}
