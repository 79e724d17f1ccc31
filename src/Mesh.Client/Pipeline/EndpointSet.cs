using Mesh.Client.Balancing;

namespace Mesh.Client.Pipeline;

/// <summary>What a group offers at one moment. Immutable.</summary>
internal sealed class EndpointSet
{
    public static EndpointSet Empty { get; } = new() { Candidates = LoadBalancerCandidates.Empty };

    /// <summary>What the balancer chooses from.</summary>
    public required LoadBalancerCandidates Candidates { get; init; }

    /// <summary>Used by calls that have tried all candidates.</summary>
    public MeshEndpoint[] Reserve { get; init; } = [];

    /// <summary>Ejected endpoints whose time has passed; each is tried by one call.</summary>
    public MeshEndpoint[] Returning { get; init; } = [];

    /// <summary>So few endpoints are fit that unfit ones are used too.</summary>
    public bool IsPanic { get; init; }

    /// <summary>
    /// Why nothing is offered, where security is the reason: a word of <see cref="MeshReasons"/>.
    /// </summary>
    public string? Refusal { get; init; }

    /// <summary>Endpoints that one call could try.</summary>
    public int Count => Candidates.Count + Reserve.Length;
}
