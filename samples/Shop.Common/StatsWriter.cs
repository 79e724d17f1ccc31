using System.Diagnostics.Metrics;
using System.Text.Json;
using Mesh.Client;
using Microsoft.Extensions.Hosting;

namespace Shop.Common;

/// <summary>
/// Listens to the mesh's own meter, as any monitoring would, and writes what it counted to a file twice a second for the
/// host's table. A process has a file of its own, so what a killed one counted stays counted.
/// </summary>
internal sealed class StatsWriter(ShopSettings settings, AccessLog log) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(500);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, UpstreamStats> _upstreams = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var folder = Directory.CreateDirectory(Path.Combine(settings.Folder, "stats")).FullName;
        var file = Path.Combine(folder, $"{settings.Instance}.{Environment.ProcessId}.json");
        using var listener = Listen();
        using var timer = new PeriodicTimer(Period);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                Write(listener, file);
            }
        }
        catch (OperationCanceledException)
        {
            Write(listener, file);
        }
    }

    private MeterListener Listen()
    {
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, l) =>
            {
                if (instrument.Meter.Name == MeshTelemetry.MeterName)
                {
                    l.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => OnMeasured(instrument, value, tags));
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => OnMeasured(instrument, value, tags));
        listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => OnMeasured(instrument, value, tags));
        listener.Start();
        return listener;
    }

    private void OnMeasured(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (Tag(tags, MeshTelemetry.ServiceTag) is not { } service)
        {
            return;
        }

        lock (_lock)
        {
            if (!_upstreams.TryGetValue(service, out var upstream))
            {
                _upstreams[service] = upstream = new UpstreamStats();
            }

            switch (instrument.Name)
            {
                case MeshTelemetry.RequestDuration:
                    upstream.Calls++;
                    upstream.Latencies[LatencyBuckets.IndexOf(value)]++;
                    upstream.Failed += Tag(tags, MeshTelemetry.ErrorTypeTag) is null ? 0 : 1;
                    break;
                case MeshTelemetry.Retries:
                    var reason = Tag(tags, MeshTelemetry.ReasonTag) ?? "unknown";
                    upstream.Retries[reason] = upstream.Retries.GetValueOrDefault(reason) + (long)value;
                    break;
                case MeshTelemetry.EndpointEjections:
                    upstream.Ejections += (long)value;
                    break;
                case MeshTelemetry.Endpoints:
                    upstream.Endpoints[Tag(tags, MeshTelemetry.StateTag) ?? "unknown"] = (long)value;
                    break;
            }
        }
    }

    private void Write(MeterListener listener, string file)
    {
        listener.RecordObservableInstruments();
        byte[] json;
        lock (_lock)
        {
            json = JsonSerializer.SerializeToUtf8Bytes(
                new InstanceStats
                {
                    Service = settings.Service,
                    Instance = settings.Instance,
                    Requests = log.Requests,
                    Upstreams = _upstreams,
                },
                ShopJson.Default.InstanceStats);
        }

        File.WriteAllBytes(file + ".tmp", json);
        File.Move(file + ".tmp", file, overwrite: true);
    }

    private static string? Tag(ReadOnlySpan<KeyValuePair<string, object?>> tags, string name)
    {
        foreach (var (key, value) in tags)
        {
            if (key == name)
            {
                return value?.ToString();
            }
        }

        return null;
    }
}
