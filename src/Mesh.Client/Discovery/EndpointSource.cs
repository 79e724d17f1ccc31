namespace Mesh.Client.Discovery;

/// <summary>Where a set of endpoints comes from; a label on metrics.</summary>
internal enum EndpointSource
{
    /// <summary>A live answer of Consul.</summary>
    Consul,

    /// <summary>Configuration.</summary>
    Static,

    /// <summary>The snapshot on disk.</summary>
    Snapshot,
}
