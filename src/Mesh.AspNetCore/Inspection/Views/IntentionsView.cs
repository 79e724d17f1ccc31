namespace Mesh.AspNetCore.Inspection.Views;

/// <summary>The registry's intentions about this service.</summary>
internal sealed record IntentionsView
{
    public required int Count { get; init; }

    /// <summary><c>allow</c> or <c>deny</c>: for callers that none names; <see langword="null"/> while nobody could say.</summary>
    public string? Default { get; init; }

    /// <summary>An earlier run knew them, and the registry has not answered yet.</summary>
    public required bool FromSnapshot { get; init; }

    /// <summary>How many have vanished in a way that is not believed.</summary>
    public required int Orphans { get; init; }

    /// <summary>Since the registry last said something new; <see langword="null"/> before the first answer of this run.</summary>
    public double? AgeSeconds { get; init; }
}
