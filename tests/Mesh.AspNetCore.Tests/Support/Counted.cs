using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Mesh.Client;

namespace Mesh.AspNetCore.Tests.Support;

/// <summary>Sums of counters of one application, by name and tag.</summary>
internal sealed class Counted : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<string, long> _sums = new();

    public Counted(IMeterFactory meters)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, meters) && instrument.Meter.Name == MeshTelemetry.MeterName)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>(Add);
        _listener.SetMeasurementEventCallback<int>((i, n, tags, state) => Add(i, n, tags, state));
        _listener.Start();
    }

    /// <param name="instrument">Its name.</param>
    /// <param name="tag">The value of the first tag, or those of all, with spaces between them.</param>
    public long Of(string instrument, string? tag = null) => _sums.GetValueOrDefault($"{instrument} {tag}");

    public string All() => string.Join('\n', _sums);

    public void Dispose() => _listener.Dispose();

    private void Add(Instrument instrument, long count, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
    {
        Add($"{instrument.Name} {(tags.IsEmpty ? null : tags[0].Value)}", count);
        if (tags.Length > 1)
        {
            Add($"{instrument.Name} {string.Join(' ', tags.ToArray().Select(t => t.Value))}", count);
        }
    }

    private void Add(string key, long count) => _sums.AddOrUpdate(key, count, (_, sum) => sum + count);
}
