using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Mesh.AspNetCore.Inbound;
using Mesh.Client;
using Mesh.Client.Telemetry;

namespace Mesh.AspNetCore.Tests.Support;

/// <summary>What the inbound half of one test counts.</summary>
internal sealed class InboundMeters : IMeterFactory
{
    private readonly ConcurrentQueue<(string Name, double Value, Dictionary<string, object?> Tags)> _measured = new();
    private readonly List<Meter> _meters = [];
    private readonly MeterListener _listener;

    public InboundMeters()
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
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.Start();
        Instruments = new InboundInstruments(new MeshInstruments(this));
    }

    public InboundInstruments Instruments { get; }

    public Meter Create(MeterOptions options)
    {
        options.Scope = this;
        var meter = new Meter(options);
        _meters.Add(meter);
        return meter;
    }

    /// <summary>Decisions of this kind for this reason, of this rule where one is named.</summary>
    public int Decisions(string decision, string reason, string? rule = null) => _measured.Count(
        m => m.Name == MeshTelemetry.InboundDecisions && Equals(m.Tags[MeshTelemetry.DecisionTag], decision) &&
             Equals(m.Tags[MeshTelemetry.ReasonTag], reason) &&
             (rule is null || Equals(m.Tags.GetValueOrDefault(MeshTelemetry.RuleTag), rule)));

    /// <summary>The last value of a gauge.</summary>
    public double Gauge(string name)
    {
        _listener.RecordObservableInstruments();
        return _measured.Last(m => m.Name == name).Value;
    }

    public void Dispose()
    {
        _listener.Dispose();
        _meters.ForEach(meter => meter.Dispose());
    }

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        _measured.Enqueue((instrument.Name, value, tags.ToArray().ToDictionary(t => t.Key, t => t.Value)));
}
