using System.Text.Json.Serialization;

namespace Mesh.Consul;

/// <summary>An intention as Consul writes it; everything may be missing, null or empty.</summary>
internal sealed class IntentionWire
{
    public string? SourceName { get; set; }

    [JsonPropertyName("SourceNS")]
    public string? SourceNamespace { get; set; }

    public string? SourcePartition { get; set; }

    public string? SourcePeer { get; set; }

    public string? SourceSamenessGroup { get; set; }

    public string? DestinationName { get; set; }

    [JsonPropertyName("DestinationNS")]
    public string? DestinationNamespace { get; set; }

    public string? Action { get; set; }

    public IntentionPermissionWire?[]? Permissions { get; set; }

    [JsonPropertyName("JWT")]
    public IntentionTokensWire? Tokens { get; set; }

    public ulong? ModifyIndex { get; set; }

    public Intention ToModel() => new()
    {
        SourceName = SourceName ?? "",
        SourceNamespace = WireDefaults.Text(SourceNamespace) ?? Intention.Default,
        SourcePartition = WireDefaults.Text(SourcePartition) ?? Intention.Default,
        SourcePeer = WireDefaults.Text(SourcePeer),
        SourceSamenessGroup = WireDefaults.Text(SourceSamenessGroup),
        DestinationName = DestinationName ?? "",
        DestinationNamespace = WireDefaults.Text(DestinationNamespace) ?? Intention.Default,
        Action = WireDefaults.Action(Action),
        Permissions = [.. (Permissions ?? []).OfType<IntentionPermissionWire>().Select(p => p.ToModel())],
        TokenProviders = Tokens?.ToModel(),
        ModifyIndex = ModifyIndex ?? 0,
    };
}
