namespace Mesh.AspNetCore.Inspection.Views;

/// <summary>One subset of an upstream, or all its endpoints.</summary>
internal sealed record SubsetView
{
    /// <summary>Empty for all endpoints.</summary>
    public required string Name { get; init; }

    public required int Members { get; init; }

    /// <summary>Those that calls go to now.</summary>
    public required int Candidates { get; init; }

    /// <summary>Those that a retry may go to when all candidates were tried.</summary>
    public required int Reserve { get; init; }

    public required bool Panic { get; init; }

    /// <summary>The subset that takes its calls while it is empty.</summary>
    public string? StandIn { get; init; }
}
