namespace Mesh.Consul;

/// <summary>A node as Consul writes it; everything may be missing or null.</summary>
internal sealed class NodeWire
{
    public string? Node { get; set; }

    public string? Address { get; set; }

    public string? Datacenter { get; set; }

    public Dictionary<string, string>? Meta { get; set; }

    public ConsulNode ToModel() => new()
    {
        Node = Node ?? "",
        Address = Address ?? "",
        Datacenter = string.IsNullOrEmpty(Datacenter) ? null : Datacenter,
        Meta = WireDefaults.Map(Meta),
    };
}
