using System.Text.Json;
using System.Text.Json.Serialization;

namespace Mesh.Consul;

/// <summary>The HTTP conditions of a permission as Consul writes them.</summary>
internal sealed class IntentionHttpWire
{
    public string? PathExact { get; set; }

    public string? PathPrefix { get; set; }

    public string? PathRegex { get; set; }

    public IntentionHeaderWire?[]? Header { get; set; }

    public string[]? Methods { get; set; }

    /// <inheritdoc cref="IntentionPermissionWire.Unknown"/>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Unknown { get; set; }

    [JsonIgnore]
    public bool IsUnknown =>
        Unknown is { Count: > 0 } || Header?.Any(h => h?.Unknown is { Count: > 0 }) == true;
}
