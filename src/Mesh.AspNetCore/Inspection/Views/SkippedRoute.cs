namespace Mesh.AspNetCore.Inspection.Views;

/// <summary>A route that does not take the request.</summary>
internal sealed record SkippedRoute
{
    public required string Name { get; init; }

    public required string Because { get; init; }
}
