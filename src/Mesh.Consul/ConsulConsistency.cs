namespace Mesh.Consul;

/// <summary>How fresh an answer of Consul must be.</summary>
public enum ConsulConsistency
{
    /// <summary>The leader answers, trusting its lease.</summary>
    Default,

    /// <summary>Any server answers; the answer may lag. What watches use, to spare the leader.</summary>
    Stale,

    /// <summary>The leader confirms with a quorum before it answers.</summary>
    Consistent,
}
