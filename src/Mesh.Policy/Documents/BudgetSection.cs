namespace Mesh.Policy;

/// <summary>The section <c>retry.budget</c> as written; <see langword="null"/> means: not said here.</summary>
public sealed record BudgetSection
{
    /// <summary>See <see cref="RetryRule.BudgetRatio"/>.</summary>
    public Percentage? Ratio { get; init; }

    /// <summary>See <see cref="RetryRule.BudgetFloor"/> and <see cref="RetryRule.BudgetWindow"/>.</summary>
    public BudgetFloor? Floor { get; init; }
}
