namespace Mesh.Client.Pipeline;

/// <summary>What a new set of endpoints brought.</summary>
internal sealed class EndpointChange
{
    /// <summary>Endpoints that are no longer listed; their connections are to be ended outside of the lock.</summary>
    public List<MeshEndpoint> Removed { get; } = [];

    /// <summary>Endpoints whose slow start began.</summary>
    public List<MeshEndpoint> Timed { get; } = [];

    /// <summary>Endpoints that are spoken to in another way now: they get new connections, outside of the lock.</summary>
    public List<MeshEndpoint> Rewired { get; } = [];
}
