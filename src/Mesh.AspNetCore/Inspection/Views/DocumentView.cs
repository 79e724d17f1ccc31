namespace Mesh.AspNetCore.Inspection.Views;

/// <summary>One policy document that concerns this process.</summary>
internal sealed record DocumentView
{
    public required string Key { get; init; }

    /// <summary>The newest revision known.</summary>
    public required string Revision { get; init; }

    /// <summary><c>applied</c>, <c>ignored-parts</c> or <c>refused</c>.</summary>
    public required string State { get; init; }

    /// <summary>The revision in force instead, when the newest is refused.</summary>
    public string? LastGood { get; init; }

    /// <summary>Its source no longer lists it, which is not believed: it stays in force.</summary>
    public required bool Orphaned { get; init; }

    /// <summary>Why it is refused.</summary>
    public required IReadOnlyList<string> Problems { get; init; }

    /// <summary>The parts left out.</summary>
    public required IReadOnlyList<string> Ignored { get; init; }
}
