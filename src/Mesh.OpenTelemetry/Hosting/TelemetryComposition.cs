using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Mesh.OpenTelemetry.Hosting;

/// <summary>
/// The mesh's own pipeline: instrumentation, resource and exporters of each signal. Exporters are added when a provider
/// is built, because only then the configuration is at hand and it is known whose pipeline this is.
/// </summary>
internal static class TelemetryComposition
{
    public static IOpenTelemetryBuilder AddTo(IServiceCollection services)
    {
        var pipeline = new MeshTelemetryBuilder(services);
        if (services.Any(s => s.ServiceType == typeof(PipelineOwner)))
        {
            return pipeline;
        }

        services.AddSingleton(new PipelineOwner(services));
        services.AddSingleton(provider => new OtelSettings(provider.GetRequiredService<IConfiguration>()));
        services.TryAddSingleton(TimeProvider.System);
        pipeline.WithTracing(tracing => tracing.AddMeshInstrumentation());
        pipeline.WithMetrics(metrics => metrics.AddMeshInstrumentation());
        pipeline.WithLogging(configureBuilder: null, options => options.IncludeFormattedMessage = true);
        services.ConfigureOpenTelemetryTracerProvider(AddExporter);
        services.ConfigureOpenTelemetryMeterProvider(AddExporter);
        services.ConfigureOpenTelemetryLoggerProvider(AddExporter);

        // Before the application's own rules: of two for the same category the later one wins, and that is theirs.
        services.Insert(0, ServiceDescriptor.Singleton<IConfigureOptions<LoggerFilterOptions>>(
            new ConfigureOptions<LoggerFilterOptions>(LogPrivacy.AddTo)));

        // First of all services: the first started is the last stopped.
        services.Insert(0, ServiceDescriptor.Singleton<IHostedService, TelemetryLifetime>());
        return pipeline;
    }

    /// <summary>The application adds exporters of its own.</summary>
    public static void CollectAlways(IServiceCollection services)
    {
        var owner = services.First(s => s.ServiceType == typeof(PipelineOwner)).ImplementationInstance;
        ((PipelineOwner)owner!).CollectsAlways = true;
    }

    private static void AddExporter(IServiceProvider services, TracerProviderBuilder tracing)
    {
        if (!IsOurs(services))
        {
            return;
        }

        tracing.ConfigureResource(resource => MeshResource.Add(services, resource));
        if (Target(services, Signal.Traces) is { } target)
        {
            var batch = new BatchExportActivityProcessorOptions();
            tracing.AddProcessor(new BatchActivityExportProcessor(
                new OtlpTraceExporter(target.ToOptions()),
                batch.MaxQueueSize,
                batch.ScheduledDelayMilliseconds,
                batch.ExporterTimeoutMilliseconds,
                batch.MaxExportBatchSize));
        }
    }

    private static void AddExporter(IServiceProvider services, MeterProviderBuilder metrics)
    {
        if (!IsOurs(services))
        {
            return;
        }

        metrics.ConfigureResource(resource => MeshResource.Add(services, resource));
        SeriesLimit.Set(metrics);
        if (Target(services, Signal.Metrics) is { } target)
        {
            var settings = services.GetRequiredService<OtelSettings>();
            metrics.AddReader(new PeriodicExportingMetricReader(
                new OtlpMetricExporter(target.ToOptions()), settings.MetricInterval, settings.MetricTimeout)
            {
                TemporalityPreference = settings.PrefersDelta
                    ? MetricReaderTemporalityPreference.Delta
                    : MetricReaderTemporalityPreference.Cumulative,
            });
        }
    }

    private static void AddExporter(IServiceProvider services, LoggerProviderBuilder logging)
    {
        if (!IsOurs(services))
        {
            return;
        }

        logging.ConfigureResource(resource => MeshResource.Add(services, resource));
        if (Target(services, Signal.Logs) is { } target)
        {
            var batch = new BatchExportLogRecordProcessorOptions();
            logging.AddProcessor(new BatchLogRecordExportProcessor(
                new OtlpLogExporter(target.ToOptions()),
                batch.MaxQueueSize,
                batch.ScheduledDelayMilliseconds,
                batch.ExporterTimeoutMilliseconds,
                batch.MaxExportBatchSize));
        }
    }

    private static bool IsOurs(IServiceProvider services) => services.GetRequiredService<PipelineOwner>().IsMesh;

    private static OtlpTarget? Target(IServiceProvider services, Signal signal) =>
        services.GetRequiredService<OtelSettings>().Target(signal);
}
