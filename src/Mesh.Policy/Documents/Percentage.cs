using System.Globalization;

namespace Mesh.Policy;

/// <summary>A percentage with at most two decimals.</summary>
/// <param name="Parts">Hundredths of a percent, i.e. 1/10,000: 500 is 5 %.</param>
public readonly record struct Percentage(int Parts)
{
    /// <summary>100 %.</summary>
    public static Percentage Whole => new(SplitRule.Whole);

    /// <summary>As a number from 0 to 1.</summary>
    public double Ratio => Parts / (double)SplitRule.Whole;

    /// <summary>As a document writes it: <c>5%</c>, <c>0.25%</c>.</summary>
    public override string ToString() => (Parts / 100m).ToString("0.##", CultureInfo.InvariantCulture) + "%";
}
