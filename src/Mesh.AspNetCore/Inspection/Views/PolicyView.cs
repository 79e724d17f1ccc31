namespace Mesh.AspNetCore.Inspection.Views;

/// <summary>Where policy comes from, and what became of each document.</summary>
internal sealed record PolicyView
{
    public required string Source { get; init; }

    /// <summary>The state of what is in force, as the desk computes it.</summary>
    public required string Hash { get; init; }

    /// <summary>Since a live source was last heard; <see langword="null"/> when none ever was.</summary>
    public double? AgeSeconds { get; init; }

    public required IReadOnlyList<DocumentView> Documents { get; init; }
}
