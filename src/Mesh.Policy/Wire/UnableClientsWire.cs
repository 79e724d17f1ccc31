namespace Mesh.Policy;

/// <summary>Clients of one kind that would leave out the same parts of a document.</summary>
public sealed record UnableClientsWire
{
    /// <summary>The service they are instances of.</summary>
    public required string Service { get; init; }

    /// <summary>The version of that service.</summary>
    public string? Version { get; init; }

    /// <summary>The version of the library.</summary>
    public required string Library { get; init; }

    /// <summary>How many there are.</summary>
    public required int Count { get; init; }

    /// <summary>The parts they would leave out, as JSON pointers.</summary>
    public required IReadOnlyList<string> Parts { get; init; }
}
