namespace Mesh.Policy;

/// <summary>A share of a route's calls for one subset.</summary>
/// <param name="Subset">A name in <see cref="EffectivePolicy.Subsets"/>.</param>
/// <param name="Parts">Its share in 1/10,000.</param>
public sealed record SplitRule(string Subset, int Parts)
{
    /// <summary>The sum of the parts of one route: 10,000, i.e. 100 %.</summary>
    public const int Whole = 10_000;
}
