using Mesh.Client.Balancing;

namespace Mesh.Client.Tests.Balancing;

public sealed class AliasTableTests
{
    [Theory]
    [InlineData(new double[] { 1 })]
    [InlineData(new double[] { 1, 1, 1 })]
    [InlineData(new double[] { 1, 2, 3, 4, 90 })]
    [InlineData(new[] { 0.0001, 1000, 3.3, 7 })]
    public void At_OverAllPoints_GivesEachItsShare(double[] weights)
    {
        const int points = 1_000_000;
        var table = new AliasTable(weights);
        var counts = new int[weights.Length];
        for (var i = 0; i < points; i++)
        {
            counts[table.At(i / (double)points)]++;
        }

        // Each column is cut once: every index is off by less than one point a column.
        for (var i = 0; i < weights.Length; i++)
        {
            Assert.InRange(counts[i] - (weights[i] / weights.Sum() * points), -weights.Length - 1, weights.Length + 1);
        }
    }
}
