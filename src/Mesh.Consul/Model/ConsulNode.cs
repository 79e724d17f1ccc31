namespace Mesh.Consul;

/// <summary>A node of the catalog.</summary>
public sealed record ConsulNode
{
    /// <summary>The node's name, unique in its datacenter.</summary>
    public required string Node { get; init; }

    /// <summary>The node's address, used for services that registered none of their own.</summary>
    public required string Address { get; init; }

    /// <summary>The datacenter; <see langword="null"/> on servers that do not send it.</summary>
    public string? Datacenter { get; init; }

    /// <summary>Metadata of the node.</summary>
    public IReadOnlyDictionary<string, string> Meta { get; init; } = new Dictionary<string, string>();
}
