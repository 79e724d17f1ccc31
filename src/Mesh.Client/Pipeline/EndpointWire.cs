namespace Mesh.Client.Pipeline;

/// <summary>
/// What the connections to an endpoint have to be like: decided by <see cref="WireRules"/> whenever something it depends on
/// changes. Compared by value: an endpoint whose wire becomes another gets new connections.
/// </summary>
internal sealed record EndpointWire
{
    /// <summary>Plaintext.</summary>
    public static EndpointWire Plain { get; } = new();

    /// <summary>Who must answer, over mutual TLS; <see langword="null"/> when it is not asked.</summary>
    public SpiffeId? Expected { get; init; }

    /// <summary>Why the endpoint is not used at all, by a word of <see cref="MeshReasons"/>.</summary>
    public string? Refusal { get; init; }

    /// <summary>The endpoint is not used.</summary>
    public static EndpointWire Refused(string reason) => new() { Refusal = reason };
}
