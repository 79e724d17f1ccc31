using Mesh.Client.Discovery;

namespace Mesh.Client.Pipeline;

/// <summary>An endpoint on disk; <see cref="EndpointInfo"/> without what only holds for a moment.</summary>
internal sealed record SnapshotEndpoint
{
    public string Id { get; init; } = "";

    public string Host { get; init; } = "";

    public int Port { get; init; }

    public int Weight { get; init; } = 1;

    public EndpointHealth Health { get; init; }

    public string? Node { get; init; }

    public string? Datacenter { get; init; }

    public string? Zone { get; init; }

    /// <summary>True or absent.</summary>
    public bool? Sidecar { get; init; }

    public string[] Tags { get; init => field = value ?? []; } = [];

    public Dictionary<string, string> Metadata { get; init => field = value ?? []; } = [];

    public bool IsUsable => Id.Length > 0 && Host.Length > 0 && Port is > 0 and <= 65535;

    public static SnapshotEndpoint From(EndpointInfo info) => new()
    {
        Id = info.Id,
        Host = info.Host,
        Port = info.Port,
        Weight = info.Weight,
        Health = info.Health,
        Node = info.Node,
        Datacenter = info.Datacenter,
        Zone = info.Zone,
        Sidecar = info.IsSidecar ? true : null,
        Tags = [.. info.Tags],
        Metadata = info.Metadata.ToDictionary(),
    };

    public EndpointInfo ToInfo() => new()
    {
        Id = Id,
        Host = Host,
        Port = Port,
        Weight = Math.Max(1, Weight),
        Health = Enum.IsDefined(Health) ? Health : EndpointHealth.Passing,
        Node = Node,
        Datacenter = Datacenter,
        Zone = Zone,
        IsSidecar = Sidecar == true,
        Tags = Tags,
        Metadata = Metadata,
    };
}
