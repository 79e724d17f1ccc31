namespace Mesh.Policy;

/// <summary>Endpoints of a service selected by their registered metadata.</summary>
public sealed record SubsetRule
{
    /// <summary>The subset's name.</summary>
    public required string Name { get; init; }

    /// <summary>Metadata an endpoint must carry: every key, with any of the values listed for it.</summary>
    public required IReadOnlyDictionary<string, IReadOnlyList<string>> Meta { get; init; }

    /// <summary>The subset used when this one has no endpoint at all; <see langword="null"/> means the call fails.</summary>
    public string? OnEmpty { get; init; }
}
