namespace Mesh.Consul;

/// <summary>One instance in a health answer: its node, its registration, its checks.</summary>
public sealed record ServiceHealth
{
    /// <summary>The node it runs on.</summary>
    public required ConsulNode Node { get; init; }

    /// <summary>Its registration.</summary>
    public required ConsulService Service { get; init; }

    /// <summary>The checks of the node and of the service.</summary>
    public required IReadOnlyList<ConsulCheck> Checks { get; init; }
}
