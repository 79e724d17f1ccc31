using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;

namespace Mesh.OpenTelemetry.Prometheus;

/// <summary>
/// Answers scrapes: one collects at a time, and those who come meanwhile or just after share what it found.
/// </summary>
internal sealed class PrometheusScrape(PrometheusExporter exporter, TimeProvider time, IServiceProvider services)
{
    /// <summary>
    /// Two servers that scrape the same process, each twice a minute, cost it one collection each at most.
    /// </summary>
    internal static readonly TimeSpan Freshness = TimeSpan.FromMilliseconds(500);

    private readonly SemaphoreSlim _turn = new(1);
    private readonly (ReadOnlyMemory<byte> Bytes, long Collected)?[] _answers = new (ReadOnlyMemory<byte>, long)?[2];
    private bool _isBuilt;

    /// <summary>An endpoint is mapped.</summary>
    public bool IsWanted { get; private set; }

    /// <summary>
    /// Called by who maps an endpoint. Without one the pipeline keeps no second set of numbers for it.
    /// </summary>
    public void Want()
    {
        if (_isBuilt && !IsWanted)
        {
            throw new InvalidOperationException(
                "MapMeshMetrics() comes too late: the metrics of this process were started without it. Call it before "
                + "the application runs, and before anything takes a MeterProvider from its services.");
        }

        IsWanted = true;
    }

    /// <summary>Called when the pipeline is built.</summary>
    public void AddTo(MeterProviderBuilder metrics)
    {
        _isBuilt = true;
        if (IsWanted)
        {
            metrics.AddReader(new BaseExportingMetricReader(exporter)
            {
                TemporalityPreference = MetricReaderTemporalityPreference.Cumulative,
            });
        }
    }

    public async Task AnswerAsync(HttpContext context)
    {
        Untrace(context);
        var format = ExpositionFormats.Negotiate(context.Request.Headers.Accept);
        var response = context.Response;
        if (await GetAsync(format, context.RequestAborted).ConfigureAwait(false) is { } bytes)
        {
            response.ContentType = ExpositionFormats.ContentType(format);
            response.ContentLength = bytes.Length;
            await response.Body.WriteAsync(bytes, context.RequestAborted).ConfigureAwait(false);
            return;
        }

        response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        await response.WriteAsync(
            "No metrics: the MeterProvider of this process is not running. It starts and ends with the host.\n",
            context.RequestAborted).ConfigureAwait(false);
    }

    /// <summary><see langword="null"/> when there is nothing to collect from.</summary>
    internal async Task<ReadOnlyMemory<byte>?> GetAsync(ExpositionFormat format, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_answers[(int)format] is { } answer && time.GetElapsedTime(answer.Collected) < Freshness)
            {
                return answer.Bytes;
            }

            if (exporter.Collect is null)
            {
                return IsDisabled() ? new ExpositionWriter(format).Finish() : null;
            }

            var bytes = exporter.Write(format);
            _answers[(int)format] = bytes is { } good ? (good, time.GetTimestamp()) : null;
            return bytes;
        }
        finally
        {
            _turn.Release();
        }
    }

    // Nothing to tell is no trouble when that was asked for.
    private bool IsDisabled() => string.Equals(
        services.GetService<IConfiguration>()?["OTEL_SDK_DISABLED"], "true", StringComparison.OrdinalIgnoreCase);

    /// <summary>Every instance is scraped all day: that is no story worth keeping.</summary>
    private static void Untrace(HttpContext context)
    {
        if (context.Features.Get<IHttpActivityFeature>()?.Activity is { } span)
        {
            span.IsAllDataRequested = false;
            span.ActivityTraceFlags &= ~System.Diagnostics.ActivityTraceFlags.Recorded;
        }
    }
}
