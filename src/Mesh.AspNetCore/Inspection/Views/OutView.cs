namespace Mesh.AspNetCore.Inspection.Views;

/// <summary>An endpoint that a first attempt would not go to.</summary>
internal sealed record OutView
{
    public required string Id { get; init; }

    public required string Address { get; init; }

    public required string State { get; init; }

    public string? Reason { get; init; }

    /// <summary>The same in a sentence.</summary>
    public required string Because { get; init; }

    public double? LeftSeconds { get; init; }
}
