using System.Text.Json;
using System.Text.Json.Serialization;

namespace Mesh.Consul;

/// <summary>A header's condition as Consul writes it.</summary>
internal sealed class IntentionHeaderWire
{
    public string? Name { get; set; }

    public bool? Present { get; set; }

    public string? Exact { get; set; }

    public string? Prefix { get; set; }

    public string? Suffix { get; set; }

    public string? Contains { get; set; }

    public string? Regex { get; set; }

    public bool? IgnoreCase { get; set; }

    public bool? Invert { get; set; }

    /// <inheritdoc cref="IntentionPermissionWire.Unknown"/>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Unknown { get; set; }

    public IntentionHeader ToModel() => new()
    {
        Name = Name ?? "",
        Present = Present == true,
        Exact = WireDefaults.Text(Exact),
        Prefix = WireDefaults.Text(Prefix),
        Suffix = WireDefaults.Text(Suffix),
        Contains = WireDefaults.Text(Contains),
        Regex = WireDefaults.Text(Regex),
        IgnoreCase = IgnoreCase == true,
        Invert = Invert == true,
    };
}
