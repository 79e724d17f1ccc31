namespace Mesh.AspNetCore.Inspection.Views;

/// <summary>One share of a route's calls, and where they would go.</summary>
internal sealed record TargetStory
{
    /// <summary>Empty for all endpoints.</summary>
    public required string Subset { get; init; }

    /// <summary>As a percentage: <c>95%</c>.</summary>
    public required string Share { get; init; }

    /// <summary>The next call by this route goes here; <see langword="null"/> when that is not known yet.</summary>
    public bool? Next { get; init; }

    /// <summary>The subset that takes its calls, where it is another one.</summary>
    public string? StandIn { get; init; }

    public required bool Panic { get; init; }

    /// <summary>The algorithm that chooses.</summary>
    public required string Algorithm { get; init; }

    /// <summary>What it does, in one sentence.</summary>
    public required string Choice { get; init; }

    /// <summary>The unit of the candidates' costs; <see langword="null"/> when it does not compare.</summary>
    public string? CostUnit { get; init; }

    /// <summary>The most likely first.</summary>
    public required IReadOnlyList<CandidateView> Candidates { get; init; }

    public required int CandidatesLeftOut { get; init; }

    /// <summary>Endpoints that a first attempt would not go to.</summary>
    public required IReadOnlyList<OutView> Out { get; init; }

    public required int OutLeftOut { get; init; }
}
