namespace Mesh.AspNetCore.Inspection.Views;

/// <summary>What would become of a described request: the answer of <c>/mesh/explain</c>.</summary>
internal sealed record Explanation
{
    public required string Method { get; init; }

    /// <summary>Scheme and host; never the rest of the URL.</summary>
    public required string Target { get; init; }

    public required bool Grpc { get; init; }

    /// <summary>Whether the request is for the mesh.</summary>
    public required bool Meshed { get; init; }

    /// <summary>Why it is, or is not.</summary>
    public required string Because { get; init; }

    public ClientView? Client { get; init; }

    /// <summary>The service meant; <see langword="null"/> when the host means none.</summary>
    public string? Service { get; init; }

    /// <summary>What happens while nothing is known to choose from, or that what is told is old.</summary>
    public string? Unresolved { get; init; }

    public string? PolicyRevision { get; init; }

    public string? PolicySource { get; init; }

    public double? PolicySeconds { get; init; }

    public DiscoveryView? Discovery { get; init; }

    public IReadOnlyList<SwitchView> Switches { get; init; } = [];

    public RouteStory? Route { get; init; }

    /// <summary>Where the route's calls go: one of them by share.</summary>
    public IReadOnlyList<TargetStory> Targets { get; init; } = [];

    public TimeoutStory? Timeouts { get; init; }

    public RetryStory? Retry { get; init; }

    /// <summary>Limits that would let it wait or turn it away.</summary>
    public IReadOnlyList<string> Limits { get; init; } = [];

    /// <summary>What else there is to say of limits.</summary>
    public string LimitsNote { get; init; } = "none in force: this version has no rate or concurrency limits";
}
