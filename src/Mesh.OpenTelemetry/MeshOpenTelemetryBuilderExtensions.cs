using Mesh.Client;
using Mesh.OpenTelemetry.Hosting;
using OpenTelemetry;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds traces, metrics and logs.</summary>
public static class MeshOpenTelemetryBuilderExtensions
{
    /// <summary>
    /// Exports traces, metrics and logs of this process by OTLP, as the standard variables <c>OTEL_*</c> say: nothing
    /// while neither an endpoint (<c>OTEL_EXPORTER_OTLP_ENDPOINT</c>) nor an exporter
    /// (<c>OTEL_TRACES_EXPORTER=otlp</c>) is named. The resource says who the process is: service, version, instance
    /// and zone of the mesh, which <c>OTEL_SERVICE_NAME</c> and <c>OTEL_RESOURCE_ATTRIBUTES</c> override. Everything
    /// starts with the host and is flushed, within five seconds, when all other services have stopped. Where the
    /// application has a pipeline of OpenTelemetry.Extensions.Hosting, no second one is started: the mesh only adds its
    /// instrumentation to it. Call it after <c>AddServer()</c>. Calling it twice is harmless.
    /// </summary>
    /// <param name="builder">What <c>AddMesh()</c> returned.</param>
    /// <param name="configure">
    /// Adds sources, exporters, resource attributes of the application's own; with it traces and metrics are collected
    /// even where no variable asks for an export. Default none.
    /// </param>
    /// <returns>The same builder.</returns>
    public static IMeshBuilder AddOpenTelemetry(
        this IMeshBuilder builder, Action<IOpenTelemetryBuilder>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var pipeline = TelemetryComposition.AddTo(builder.Services);
        if (configure is not null)
        {
            TelemetryComposition.CollectAlways(builder.Services);
            configure(pipeline);
        }

        return builder;
    }
}
