using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Mesh.Client.Telemetry;

namespace Mesh.Client.Tests.Support;

/// <summary>Meters of one test, and, once <see cref="Listen"/> was called, everything they measure.</summary>
internal sealed class TestMeters : IMeterFactory
{
    private readonly List<Meter> _meters = [];
    private readonly ConcurrentQueue<Measurement> _measurements = new();
    private MeterListener? _listener;

    public IReadOnlyList<Measurement> Measurements => [.. _measurements];

    public static MeshInstruments Silent() => new(new TestMeters());

    public Meter Create(MeterOptions options)
    {
        options.Scope = this;
        var meter = new Meter(options);
        _meters.Add(meter);
        return meter;
    }

    public TestMeters Listen()
    {
        _listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Scope == this)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.Start();
        return this;
    }

    public void Collect() => _listener!.RecordObservableInstruments();

    /// <summary>How often something was measured under this name with all of these tags.</summary>
    public int Count(string name, params (string Tag, object Value)[] tags) => _measurements.Count(
        m => m.Name == name && tags.All(tag => m.Tags.TryGetValue(tag.Tag, out var value) && Equals(value, tag.Value)));

    public void Dispose()
    {
        _listener?.Dispose();
        _meters.ForEach(meter => meter.Dispose());
    }

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        _measurements.Enqueue(new Measurement(
            instrument.Name, instrument.Unit, value, tags.ToArray().ToDictionary(tag => tag.Key, tag => tag.Value)));

    internal sealed record Measurement(
        string Name, string? Unit, double Value, IReadOnlyDictionary<string, object?> Tags);
}
