using Mesh.OpenTelemetry.Prometheus;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Mesh.OpenTelemetry.Hosting;

/// <summary>
/// Starts what somebody wants before all other services, and flushes it after them, in a bounded time: what the last
/// request did is worth telling, but no collector may keep a process from ending.
/// </summary>
internal sealed partial class TelemetryLifetime(
    IServiceProvider services, PipelineOwner owner, PrometheusScrape scrape, TimeProvider time,
    ILogger<TelemetryLifetime> logger) : IHostedLifecycleService
{
    /// <summary>
    /// For all signals together. The host's own timeout (30 s by default) has to do for the drain, of which this is the
    /// end.
    /// </summary>
    internal static readonly TimeSpan FlushLimit = TimeSpan.FromSeconds(5);

    private TracerProvider? _tracing;
    private MeterProvider? _metrics;
    private LoggerProvider? _logging;

    public Task StartingAsync(CancellationToken cancellationToken)
    {
        if (!owner.IsMesh)
        {
            Log.TheirPipeline(logger);
            return Task.CompletedTask;
        }

        var settings = services.GetRequiredService<OtelSettings>();
        foreach (var problem in settings.Problems)
        {
            Log.Problem(logger, problem);
        }

        if (owner.CollectsAlways || settings.Target(Signal.Traces) is not null)
        {
            _tracing = services.GetService<TracerProvider>();
        }

        if (owner.CollectsAlways || settings.Target(Signal.Metrics) is not null || scrape.IsWanted)
        {
            _metrics = services.GetService<MeterProvider>();
        }

        _logging = services.GetService<LoggerProvider>();
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StoppedAsync(CancellationToken cancellationToken)
    {
        var limit = (int)FlushLimit.TotalMilliseconds;

        // Each blocks its thread. A provider that was shut down once does not wait again when it is disposed.
        Task<bool>[] flushes =
        [
            Task.Run(() => _tracing?.Shutdown(limit) ?? true, CancellationToken.None),
            Task.Run(() => _metrics?.Shutdown(limit) ?? true, CancellationToken.None),
            Task.Run(() => _logging?.Shutdown(limit) ?? true, CancellationToken.None),
        ];
        try
        {
            await Task.WhenAll(flushes).WaitAsync(FlushLimit, time, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception late) when (late is TimeoutException or OperationCanceledException)
        {
            Log.NotFlushed(logger, FlushLimit.TotalSeconds);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(6500, LogLevel.Warning, "Telemetry: {Problem}", EventName = "TelemetrySetting")]
        public static partial void Problem(ILogger logger, string problem);

        [LoggerMessage(6501, LogLevel.Information, "Telemetry: the application has a pipeline of "
            + "OpenTelemetry.Extensions.Hosting. The mesh adds its instrumentation to it and exports nothing itself.",
            EventName = "TelemetryPipelineOfTheApplication")]
        public static partial void TheirPipeline(ILogger logger);

        [LoggerMessage(6502, LogLevel.Warning, "Telemetry was not delivered within {Seconds} s and is given up.",
            EventName = "TelemetryNotFlushed")]
        public static partial void NotFlushed(ILogger logger, double seconds);
    }
}
