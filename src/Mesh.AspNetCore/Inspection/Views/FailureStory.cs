namespace Mesh.AspNetCore.Inspection.Views;

/// <summary>One way in which the first attempt might fail.</summary>
internal sealed record FailureStory
{
    public required string Failure { get; init; }

    public required bool Again { get; init; }

    /// <summary>How, or why not.</summary>
    public required string Because { get; init; }
}
