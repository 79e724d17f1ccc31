namespace Mesh.Client.Tests.Balancing;

public sealed class RandomBalancerTests : BalancerContract
{
    protected override string Algorithm => "random";
}
