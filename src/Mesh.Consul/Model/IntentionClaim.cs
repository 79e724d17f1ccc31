namespace Mesh.Consul;

/// <summary>What a token must say.</summary>
public sealed record IntentionClaim
{
    /// <summary>Where in the token, from the outermost name inwards.</summary>
    public IReadOnlyList<string> Path { get; init => field = value ?? []; } = [];

    /// <summary>The value there, or one of its values.</summary>
    public string Value { get; init => field = value ?? ""; } = "";
}
