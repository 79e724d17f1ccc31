using Mesh.Client;
using Mesh.OpenTelemetry;
using Mesh.OpenTelemetry.Tracing;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace OpenTelemetry.Trace;

/// <summary>Adds the spans of the mesh to a pipeline.</summary>
public static class MeshTracerProviderBuilderExtensions
{
    /// <summary>
    /// Collects calls and attempts (<c>Mesh.Client</c>, <c>System.Net.Http</c>, <c>Grpc.Net.Client</c>) and requests
    /// (<c>Microsoft.AspNetCore</c>), completes server spans with route and status, names gRPC by the conventions for
    /// RPC, and takes raw paths, queries, headers, client addresses and requested hosts out of all spans. Call it before
    /// exporters are added. Calling it twice is harmless.
    /// </summary>
    /// <param name="builder">The pipeline.</param>
    /// <param name="configure">Says what may be exported as it is. Default: nothing beyond the above.</param>
    /// <returns>The same builder.</returns>
    public static TracerProviderBuilder AddMeshInstrumentation(
        this TracerProviderBuilder builder, Action<MeshTracingOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.ConfigureServices(services =>
        {
            if (configure is not null)
            {
                services.Configure(configure);
            }

            if (services.Any(s => s.ServiceType == typeof(SpanProcessor)))
            {
                return;
            }

            services.AddOptions();
            services.AddSingleton(provider =>
                new SpanProcessor(provider.GetRequiredService<IOptions<MeshTracingOptions>>().Value));
            services.Insert(0, ServiceDescriptor.Singleton<IStartupFilter, ServerSpanFilter>());
            services.ConfigureOpenTelemetryTracerProvider(t => t
                .AddSource(SourceNames.Of)
                .AddProcessor(provider => provider.GetRequiredService<SpanProcessor>()));
        });
        return builder;
    }
}
