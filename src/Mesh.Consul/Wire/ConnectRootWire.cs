namespace Mesh.Consul;

/// <summary>A root as Consul writes it.</summary>
internal sealed class ConnectRootWire
{
    public string? ID { get; set; }

    public string? RootCert { get; set; }

    public ConnectRoot ToModel() => new(ID ?? "", RootCert ?? "");
}
