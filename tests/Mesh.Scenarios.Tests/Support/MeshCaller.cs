using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Mesh.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Mesh.Scenarios.Tests.Support;

/// <summary>An application that calls, in this process, so that its load, metrics and log are at hand.</summary>
internal sealed class MeshCaller : IAsyncDisposable
{
    private readonly IHost _host;
    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<string, long> _counters = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, long> _gauges = new(StringComparer.Ordinal);
    private readonly LogLines _log;

    private MeshCaller(IHost host, LogLines log)
    {
        (_host, _log) = (host, log);
        Client = host.Services.GetRequiredService<IHttpClientFactory>().CreateClient("scenario");
        var meters = host.Services.GetRequiredService<IMeterFactory>();
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == MeshTelemetry.MeterName && instrument.Meter.Scope == meters)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>(Measured);
        _listener.Start();
    }

    public HttpClient Client { get; }

    public string Log => _log.Text;

    /// <summary>An application on the mesh as anybody would build it.</summary>
    public static async Task<MeshCaller> StartAsync(Action<MeshOptions> configure)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        var log = new LogLines();
        builder.Logging.AddProvider(log);
        builder.Logging.AddFilter("System.Net.Http", LogLevel.None);
        builder.Services.AddMesh(configure);
        builder.Services.AddHttpClient("scenario");
        builder.Services.AddHealthChecks().AddMesh();
        var host = builder.Build();
        var caller = new MeshCaller(host, log);
        await host.StartAsync();
        return caller;
    }

    /// <summary>The sum of a counter, of all its tags or of those with one value.</summary>
    public long Count(string counter, string? tagValue = null) =>
        _counters.Where(c => c.Key.StartsWith(counter + "|", StringComparison.Ordinal) &&
                             (tagValue is null || c.Key.Contains($"|{tagValue}|", StringComparison.Ordinal)))
            .Sum(c => c.Value);

    /// <summary>
    /// Waits for the first policy to be in force. How calls are spread does not tell: an endpoint may just be slow.
    /// </summary>
    public Task GovernedAsync() => Eventually.TrueAsync(
        () => Count(MeshTelemetry.PolicyUpdates, "applied") > 0, "a policy to be in force");

    /// <summary>How many endpoints of all upstreams are in a state right now.</summary>
    public long Endpoints(string state)
    {
        _listener.RecordObservableInstruments();
        return _gauges.Where(g => g.Key.StartsWith(MeshTelemetry.Endpoints + "|", StringComparison.Ordinal) &&
                                  g.Key.Contains($"|{state}|", StringComparison.Ordinal)).Sum(g => g.Value);
    }

    public async Task<HealthReportEntry> ReadinessAsync()
    {
        var report = await _host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();
        return report.Entries["mesh"];
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _host.StopAsync();
        _host.Dispose();
        _listener.Dispose();
    }

    private void Measured(
        Instrument instrument, long value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
    {
        var key = instrument.Name + "|";
        foreach (var tag in tags)
        {
            key += tag.Value + "|";
        }

        if (instrument.IsObservable)
        {
            _gauges[key] = value;
        }
        else
        {
            _counters.AddOrUpdate(key, value, (_, sum) => sum + value);
        }
    }
}
