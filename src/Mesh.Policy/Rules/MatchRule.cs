namespace Mesh.Policy;

/// <summary>The condition of a route: all parts that are set must hold (AND); a list within a part is OR.</summary>
public sealed record MatchRule
{
    /// <summary>HTTP methods, upper case; <see langword="null"/> means any.</summary>
    public IReadOnlyList<string>? Methods { get; init; }

    /// <summary>Path conditions, any of which may hold; <see langword="null"/> means any path.</summary>
    public IReadOnlyList<StringMatch>? Paths { get; init; }

    /// <summary>Conditions on request headers by (case-insensitive) name; all must hold.</summary>
    public IReadOnlyDictionary<string, StringMatch>? Headers { get; init; }

    /// <summary>Conditions on query parameters by (case-sensitive) name; all must hold.</summary>
    public IReadOnlyDictionary<string, StringMatch>? Query { get; init; }
}
