namespace Mesh.Consul;

/// <summary>Whose tokens an intention takes, and what they must say.</summary>
public sealed record IntentionTokenProvider
{
    /// <summary>The provider's name in Consul.</summary>
    public string Name { get; init => field = value ?? ""; } = "";

    /// <summary>What the token must say, all of it.</summary>
    public IReadOnlyList<IntentionClaim> Claims { get; init => field = value ?? []; } = [];
}
