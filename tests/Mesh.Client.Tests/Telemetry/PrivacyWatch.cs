using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Mesh.Client.Tests.Support;

namespace Mesh.Client.Tests.Telemetry;

/// <summary>Gathers every text the mesh lets out, each with where it was, to be searched for what must not be there.</summary>
internal sealed class PrivacyWatch : IDisposable
{
    public const string Card = "4111111111111111";
    public const string Mail = "ana.private@example.org";
    public const string Bearer = "eyJhbGciOi.bearer-token";

    /// <summary>All three, as an input may hold them.</summary>
    public const string Secrets = $"{Card} {Mail} {Bearer}";

    private static readonly string[] Forbidden = [Card, "ana.private", "bearer-token"];

    private readonly ConcurrentQueue<(string Where, string Text)> _texts = new();
    private readonly ActivityListener _spans;
    private readonly MeterListener _meters;

    public PrivacyWatch()
    {
        _spans = new ActivityListener
        {
            ShouldListenTo = source => source.Name is MeshTelemetry.ActivitySourceName or "System.Net.Http",
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = Take,
        };
        ActivitySource.AddActivityListener(_spans);
        _meters = new MeterListener
        {
            InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument.Meter.Name == MeshTelemetry.MeterName)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        _meters.SetMeasurementEventCallback<long>((instrument, _, tags, _) => Take(instrument, tags));
        _meters.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Take(instrument, tags));
        _meters.Start();
    }

    public LogCollector Log { get; } = new();

    /// <summary>How many texts came from a place, so that a test can tell that it looked at something.</summary>
    public int Count(string where) => _texts.Count(t => t.Where.StartsWith(where, StringComparison.Ordinal));

    public void Take(string where, string? text) => _texts.Enqueue((where, text ?? ""));

    /// <summary>An exception as the application, and its logger, would see it.</summary>
    public void Take(Exception exception) => Take($"exception {exception.GetType().Name}", exception.ToString());

    public void AssertSilent()
    {
        _meters.RecordObservableInstruments();
        foreach (var line in Log.Entries.Where(e => e.Category.StartsWith("Mesh.", StringComparison.Ordinal)))
        {
            var fields = string.Join(' ', line.Fields.Values);
            Take($"log {line.Category} {line.Event.Id}", $"{line.Text} {fields} {line.Exception}");
            if (line.Fields.TryGetValue("Reason", out var reason))
            {
                Assert.Contains((string)reason!, MeshReasons.All);
            }
        }

        var leaks = _texts.Where(t => Forbidden.Any(f => t.Text.Contains(f, StringComparison.OrdinalIgnoreCase)));
        Assert.Empty(leaks.Select(leak => $"{leak.Where}: {leak.Text}"));
    }

    public void Dispose()
    {
        _spans.Dispose();
        _meters.Dispose();
        Log.Dispose();
    }

    // Of the platform's spans those that the mesh made richer: the application's other calls are its own affair.
    private void Take(Activity span)
    {
        var ours = span.Source.Name == MeshTelemetry.ActivitySourceName;
        if (!ours && span.GetTagItem(MeshTelemetry.EndpointTag) is null)
        {
            return;
        }

        var tags = string.Join(' ', span.TagObjects.Select(tag => $"{tag.Key}={tag.Value}"));
        var events = ours
            ? string.Join(' ', span.Events.SelectMany(e => e.Tags.Select(tag => $"{e.Name}:{tag.Key}={tag.Value}")))
            : "";
        Take($"span {span.Source.Name}", $"{span.DisplayName} {span.StatusDescription} {tags} {events}");
    }

    private void Take(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        foreach (var (key, value) in tags)
        {
            Take($"metric {instrument.Name} {key}", value?.ToString());
        }
    }
}
