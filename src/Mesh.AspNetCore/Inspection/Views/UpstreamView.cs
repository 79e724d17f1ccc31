using System.Text.Json;

namespace Mesh.AspNetCore.Inspection.Views;

/// <summary>One service that this process calls.</summary>
internal sealed record UpstreamView
{
    public required string Name { get; init; }

    /// <summary><c>known</c>, <c>unknown</c> (no source has heard of it) or <c>no_answer</c>.</summary>
    public required string State { get; init; }

    /// <summary>Configuration lists it, or it was seen with endpoints: its calls are never passed through.</summary>
    public required bool Declared { get; init; }

    /// <summary>False when it idled and is not kept up to date; the next call watches it again.</summary>
    public required bool Watched { get; init; }

    public required double UnusedSeconds { get; init; }

    /// <summary>It was seen with TLS: it is not called in plaintext any more.</summary>
    public required bool SeenWithTls { get; init; }

    public required DiscoveryView Discovery { get; init; }

    /// <summary>How many endpoints there are in each state.</summary>
    public required IReadOnlyDictionary<string, int> States { get; init; }

    /// <summary>So few endpoints are fit that unfit ones are used too.</summary>
    public required bool Panic { get; init; }

    /// <summary>Those that are not ready first.</summary>
    public required IReadOnlyList<EndpointView> Endpoints { get; init; }

    /// <summary>Endpoints that this answer leaves out: see <c>?offset=</c> and <c>?limit=</c>.</summary>
    public required int EndpointsLeftOut { get; init; }

    public required IReadOnlyList<SubsetView> Subsets { get; init; }

    /// <summary>What its retry budget would allow now.</summary>
    public required double RetryBudget { get; init; }

    public required string PolicyRevision { get; init; }

    /// <summary>Every value in force, with its origin.</summary>
    public required JsonElement Policy { get; init; }
}
