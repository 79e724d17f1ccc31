using Mesh.Client.Tests.Support;

namespace Mesh.Client.Tests.Balancing;

public sealed class RoundRobinBalancerTests : BalancerContract
{
    protected override string Algorithm => "round-robin";

    [Fact]
    public void Pick_WithEqualWeights_GoesAround()
    {
        using var mesh = new UpstreamFixture().WithAlgorithm("round-robin").With("a", "b", "c");

        for (var round = 0; round < 10; round++)
        {
            var ids = new[] { mesh.Pick()!.Id, mesh.Pick()!.Id, mesh.Pick()!.Id };
            Assert.Equal(["a", "b", "c"], ids.Order());
        }
    }

    [Fact]
    public void Pick_WithUnequalWeights_IsCloseToThemInEveryStretch()
    {
        using var mesh = new UpstreamFixture().WithAlgorithm("round-robin").With(
            UpstreamFixture.Info("a", weight: 1), UpstreamFixture.Info("b", weight: 4));

        // Within N points of the golden sequence an interval holds its share to within a few; chance would be off by
        // 5 x sqrt(100 x 0.2 x 0.8) = 20.
        for (var stretch = 0; stretch < 50; stretch++)
        {
            var count = Enumerable.Range(0, 100).Count(_ => mesh.Pick()!.Id == "a");
            Assert.InRange(count, 17, 23);
        }
    }

    [Fact]
    public void Pick_InTwoProcesses_DoesNotGoInStep()
    {
        var starts = Enumerable.Range(0, 20).Select(seed =>
        {
            using var mesh = new UpstreamFixture(seed: seed).WithAlgorithm("round-robin").With("a", "b", "c", "d");
            return mesh.Pick()!.Id;
        });

        Assert.True(starts.Distinct().Count() > 1);
    }
}
