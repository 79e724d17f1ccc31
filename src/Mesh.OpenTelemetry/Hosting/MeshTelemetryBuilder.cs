using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;

namespace Mesh.OpenTelemetry.Hosting;

/// <summary>What the SDK hangs its extension methods on.</summary>
internal sealed class MeshTelemetryBuilder(IServiceCollection services) : IOpenTelemetryBuilder
{
    public IServiceCollection Services { get; } = services;
}
