using System.Text.Json.Serialization;

namespace Mesh.Consul;

/// <summary>A check as Consul writes it; everything may be missing or null.</summary>
internal sealed class CheckWire
{
    [JsonPropertyName("CheckID")]
    public string? CheckId { get; set; }

    public string? Status { get; set; }

    public string? Name { get; set; }

    [JsonPropertyName("ServiceID")]
    public string? ServiceId { get; set; }

    public string? ServiceName { get; set; }

    public string? Node { get; set; }

    public string? Output { get; set; }

    public string? Notes { get; set; }

    public ConsulCheck ToModel() => new()
    {
        CheckId = CheckId ?? "",
        Status = WireDefaults.Health(Status),
        Name = Name ?? "",
        ServiceId = ServiceId ?? "",
        ServiceName = ServiceName ?? "",
        Node = Node ?? "",
        Output = Output ?? "",
        Notes = Notes ?? "",
    };
}
