using System.Text.Json;
using System.Text.Json.Serialization;

namespace Mesh.Consul;

/// <summary>A permission as Consul writes it.</summary>
internal sealed class IntentionPermissionWire
{
    public string? Action { get; set; }

    [JsonPropertyName("HTTP")]
    public IntentionHttpWire? Http { get; set; }

    [JsonPropertyName("JWT")]
    public IntentionTokensWire? Tokens { get; set; }

    /// <summary>What this version does not know: conditions, perhaps.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Unknown { get; set; }

    public IntentionPermission ToModel() => new()
    {
        Action = WireDefaults.Action(Action),
        PathExact = WireDefaults.Text(Http?.PathExact),
        PathPrefix = WireDefaults.Text(Http?.PathPrefix),
        PathRegex = WireDefaults.Text(Http?.PathRegex),
        Headers = [.. (Http?.Header ?? []).OfType<IntentionHeaderWire>().Select(h => h.ToModel())],
        Methods = [.. Http?.Methods ?? []],
        TokenProviders = Tokens?.ToModel(),
        IsUnknown = Unknown is { Count: > 0 } || Http?.IsUnknown == true,
    };
}
