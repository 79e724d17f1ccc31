namespace Mesh.Consul;

/// <summary>An instance as it is registered.</summary>
public sealed record ConsulService
{
    /// <summary>The instance's ID, unique on its agent.</summary>
    public required string Id { get; init; }

    /// <summary>The service's logical name.</summary>
    public required string Service { get; init; }

    /// <summary>Its address; empty means the node's.</summary>
    public string Address { get; init; } = "";

    /// <summary>Its port.</summary>
    public int Port { get; init; }

    /// <summary>Its tags.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Its metadata.</summary>
    public IReadOnlyDictionary<string, string> Meta { get; init; } = new Dictionary<string, string>();

    /// <summary>Its weights.</summary>
    public ConsulWeights Weights { get; init; } = ConsulWeights.Default;

    /// <summary>Index of its last change.</summary>
    public ulong ModifyIndex { get; init; }
}
