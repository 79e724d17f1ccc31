namespace Mesh.AspNetCore.Inspection.Views;

/// <summary>Where the endpoints of an upstream come from.</summary>
internal sealed record DiscoveryView
{
    /// <summary><c>consul</c>, <c>static</c> or <c>snapshot</c>; <see langword="null"/> before an answer.</summary>
    public string? Source { get; init; }

    /// <summary>What became of it: <c>applied</c>, <c>unchanged</c>, <c>acl</c>, <c>failed</c>, ...</summary>
    public string? Result { get; init; }

    public double? ResultSeconds { get; init; }

    /// <summary>How long the endpoints have not been confirmed; 0 while the watch works.</summary>
    public required double AgeSeconds { get; init; }

    /// <summary>Endpoints kept although the registry does not list them.</summary>
    public int Held { get; init; }

    /// <summary>Why their absence is not believed.</summary>
    public string? Doubt { get; init; }
}
