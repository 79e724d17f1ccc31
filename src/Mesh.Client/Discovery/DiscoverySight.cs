namespace Mesh.Client.Discovery;

/// <summary>What a watch is like at one moment, for whoever asks.</summary>
internal sealed record DiscoverySight
{
    /// <summary>Who was heard last; <see langword="null"/> when nobody was.</summary>
    public required string? Source { get; init; }

    /// <summary>What became of it: <c>applied</c>, <c>unchanged</c>, <c>acl</c>, <c>failed</c>, ...</summary>
    public required string? Result { get; init; }

    /// <summary>How long ago that was.</summary>
    public required TimeSpan? ResultAge { get; init; }

    /// <summary>How long the endpoints in force have not been confirmed; zero while the watch works.</summary>
    public required TimeSpan Age { get; init; }

    /// <summary>Endpoints kept although the registry does not list them.</summary>
    public required int Held { get; init; }

    /// <summary>Why their absence is not believed.</summary>
    public required string? Doubt { get; init; }
}
