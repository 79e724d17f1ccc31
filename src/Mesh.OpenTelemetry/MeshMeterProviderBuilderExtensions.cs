using Mesh.Client;
using Mesh.OpenTelemetry.Prometheus;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace OpenTelemetry.Metrics;

/// <summary>Adds the metrics of the mesh to a pipeline.</summary>
public static class MeshMeterProviderBuilderExtensions
{
    /// <summary>
    /// Collects the meters <c>Mesh.Client</c>, <c>System.Net.Http</c>, <c>System.Net.NameResolution</c>,
    /// <c>Microsoft.AspNetCore.Hosting</c>, <c>Microsoft.AspNetCore.Server.Kestrel</c> and <c>System.Runtime</c>, and
    /// lets <c>MapMeshMetrics()</c> answer from this pipeline. Calling it twice is harmless.
    /// </summary>
    /// <param name="builder">The pipeline.</param>
    /// <returns>The same builder.</returns>
    public static MeterProviderBuilder AddMeshInstrumentation(this MeterProviderBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.ConfigureServices(services =>
        {
            if (services.Any(s => s.ServiceType == typeof(PrometheusScrape)))
            {
                return;
            }

            services.TryAddSingleton(TimeProvider.System);
            services.AddSingleton<PrometheusExporter>();
            services.AddSingleton<PrometheusScrape>();
            services.ConfigureOpenTelemetryMeterProvider((provider, metrics) =>
            {
                metrics.AddMeter(
                    MeshTelemetry.MeterName, "System.Net.Http", "System.Net.NameResolution",
                    "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime");
                provider.GetRequiredService<PrometheusScrape>().AddTo(metrics);
            });
        });
        return builder;
    }
}
