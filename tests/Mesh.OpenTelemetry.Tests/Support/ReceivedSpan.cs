using Mesh.OpenTelemetry.Tests.Otlp;

namespace Mesh.OpenTelemetry.Tests.Support;

/// <summary>A span as the collector has it.</summary>
internal sealed record ReceivedSpan(IReadOnlyDictionary<string, string> Resource, string Scope, SpanData Data)
{
    /// <summary>Of the protocol: 1 internal, 2 server, 3 client.</summary>
    public const int Server = 2, Client = 3;

    public string Service => Resource["service.name"];

    public string Name => Data.Name;

    public string Trace => Data.TraceId.ToBase64();

    public string Id => Data.SpanId.ToBase64();

    public string Parent => Data.ParentSpanId.ToBase64();

    public IReadOnlyDictionary<string, string> Tags => Texts.Of(Data.Attributes);

    /// <summary>The protocol's word for a span that failed.</summary>
    public bool IsError => Data.Status?.Code == 2;

    public override string ToString() =>
        $"{Service} {Scope} '{Name}' kind {Data.Kind} parent {Parent} id {Id} {Describe(Tags)}"
        + string.Concat(Data.Events.Select(e => $"\n    {e.Name} {Describe(Texts.Of(e.Attributes))}"));

    private static string Describe(IReadOnlyDictionary<string, string> tags) =>
        $"[{string.Join(", ", tags.Select(t => $"{t.Key}={t.Value}"))}]";
}
