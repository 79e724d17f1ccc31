using System.Text.Json.Serialization;

namespace Mesh.Consul;

/// <summary>An instance as Consul writes it; everything may be missing or null.</summary>
internal sealed class ServiceWire
{
    [JsonPropertyName("ID")]
    public string? Id { get; set; }

    public string? Service { get; set; }

    public string? Address { get; set; }

    public int? Port { get; set; }

    public string[]? Tags { get; set; }

    public Dictionary<string, string>? Meta { get; set; }

    public WeightsWire? Weights { get; set; }

    public ulong? ModifyIndex { get; set; }

    public ConsulService ToModel() => new()
    {
        Id = Id ?? "",
        Service = Service ?? "",
        Address = Address ?? "",
        Port = Port ?? 0,
        Tags = Tags ?? [],
        Meta = WireDefaults.Map(Meta),
        Weights = Weights?.ToModel() ?? ConsulWeights.Default,
        ModifyIndex = ModifyIndex ?? 0,
    };
}
