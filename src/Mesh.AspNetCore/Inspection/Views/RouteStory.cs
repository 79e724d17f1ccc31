namespace Mesh.AspNetCore.Inspection.Views;

/// <summary>The route that takes the request.</summary>
internal sealed record RouteStory
{
    public required string Name { get; init; }

    /// <summary>The routes before it, and what of the request each did not match first.</summary>
    public required IReadOnlyList<SkippedRoute> Skipped { get; init; }
}
