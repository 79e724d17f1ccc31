using Microsoft.Extensions.DependencyInjection;

namespace Mesh.OpenTelemetry.Hosting;

/// <summary>
/// Whose the pipeline is. An application that has OpenTelemetry.Extensions.Hosting builds and starts its own, with
/// exporters of its own; ours would send everything twice. Asked when the pipeline is built, because it may be added
/// after the mesh.
/// </summary>
internal sealed class PipelineOwner(IServiceCollection services)
{
    // By name: the package is none of ours, and its type is not public.
    private const string TheirStarter = "OpenTelemetry.Extensions.Hosting.Implementation.TelemetryHostedService";

    public bool IsMesh => !services.Any(s => s.ImplementationType?.FullName == TheirStarter);

    /// <summary>Traces and metrics are collected although no variable asks for an export.</summary>
    public bool CollectsAlways { get; set; }
}
