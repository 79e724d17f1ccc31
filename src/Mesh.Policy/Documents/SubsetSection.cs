namespace Mesh.Policy;

/// <summary>One entry of <c>subsets</c> as written.</summary>
public sealed record SubsetSection
{
    /// <summary>See <see cref="SubsetRule.Meta"/>.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Meta { get; init; } =
        new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>See <see cref="SubsetRule.OnEmpty"/>.</summary>
    public string? OnEmpty { get; init; }
}
