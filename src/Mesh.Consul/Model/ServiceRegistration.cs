namespace Mesh.Consul;

/// <summary>What an instance tells its agent about itself.</summary>
public sealed record ServiceRegistration
{
    /// <summary>The instance's ID, unique on the agent.</summary>
    public required string Id { get; init; }

    /// <summary>The logical name.</summary>
    public required string Name { get; init; }

    /// <summary>The address callers dial; <see langword="null"/> means the node's.</summary>
    public string? Address { get; init; }

    /// <summary>The port callers dial.</summary>
    public required int Port { get; init; }

    /// <summary>Tags.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Metadata; Consul allows 64 pairs, keys of 128 and values of 512 characters.</summary>
    public IReadOnlyDictionary<string, string> Meta { get; init; } = new Dictionary<string, string>();

    /// <summary>Weights by health.</summary>
    public ConsulWeights Weights { get; init; } = ConsulWeights.Default;

    /// <summary>
    /// The instance speaks TLS of Consul Connect itself: proxies of its callers find it and connect to it directly.
    /// Default false.
    /// </summary>
    public bool ConnectNative { get; init; }

    /// <summary>Checks.</summary>
    public IReadOnlyList<CheckRegistration> Checks { get; init; } = [];
}
