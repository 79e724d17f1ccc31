namespace Mesh.Client;

/// <summary>What a load balancer may know of the call it chooses for.</summary>
public readonly ref struct LoadBalancerContext
{
    internal LoadBalancerContext(Random random, uint time, string? hashKey)
    {
        Random = random;
        Time = time;
        HashKey = hashKey;
    }

    /// <summary>The source of randomness to use; thread-safe, and seeded in tests.</summary>
    public Random Random { get; }

    /// <summary>The request's <see cref="MeshRequestOptions.HashKey"/>, if it has one.</summary>
    public string? HashKey { get; }

    /// <summary>Coarse time of the estimators.</summary>
    internal uint Time { get; }
}
