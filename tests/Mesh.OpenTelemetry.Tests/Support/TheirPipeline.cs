using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry;
using OpenTelemetry.Extensions.Hosting.Implementation;
using OpenTelemetry.Trace;

namespace Mesh.OpenTelemetry.Tests.Support;

/// <summary>What an application has that uses OpenTelemetry.Extensions.Hosting, which not every registry has.</summary>
internal sealed class TheirPipeline(IServiceCollection services) : IOpenTelemetryBuilder
{
    public IServiceCollection Services { get; } = services;

    public static void Add(IServiceCollection services)
    {
        services.AddSingleton<IHostedService, TelemetryHostedService>();
        new TheirPipeline(services).WithTracing(tracing => tracing.AddOtlpExporter());
    }
}
