namespace Mesh.Consul;

/// <summary>The refresh of a TTL check as the agent reads it.</summary>
internal sealed class CheckUpdateWire
{
    public required string Status { get; init; }

    public required string Output { get; init; }
}
