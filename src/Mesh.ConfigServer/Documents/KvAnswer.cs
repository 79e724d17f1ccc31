using Mesh.Consul;

namespace Mesh.ConfigServer.Documents;

/// <summary>An answer of the watch, with what is needed to judge what it lacks.</summary>
internal sealed record KvAnswer(ConsulResponse<KvEntry[]> Response, BlockingQueryTransition Transition)
{
    /// <summary>Where it comes from; empty when that is unknown.</summary>
    public required string Datacenter { get; init; }

    /// <summary>Another server leads than at the answer before, or none.</summary>
    public bool LeaderChanged { get; init; }

    /// <summary>Keys it lacks because the token may not read them.</summary>
    public IReadOnlySet<string> Hidden { get; init; } = new HashSet<string>();
}
