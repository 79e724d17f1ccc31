using Mesh.Client.Attempts;
using Mesh.Client.Tests.Support;

namespace Mesh.Client.Tests.Balancing;

public sealed class LeastRequestBalancerTests : BalancerContract
{
    protected override string Algorithm => "least-request";

    [Fact]
    public void Pick_OfTwo_PrefersTheLessBusy()
    {
        using var mesh = new UpstreamFixture().WithAlgorithm("least-request").With("a", "b");
        mesh["a"].Begin();
        mesh["a"].Begin();
        mesh["b"].Begin();

        for (var i = 0; i < 100; i++)
        {
            Assert.Same(mesh["b"], mesh.Pick());
        }
    }

    [Fact]
    public void Pick_OfAHostThatFailsFast_IsNotDrawnToIt()
    {
        using var mesh = new UpstreamFixture().WithAlgorithm("least-request").With("good", "broken");
        mesh.Answer(mesh["broken"], AttemptOutcome.GatewayError);
        for (var i = 0; i < 10; i++)
        {
            mesh["good"].Begin();
        }

        for (var i = 0; i < 100; i++)
        {
            Assert.Same(mesh["good"], mesh.Pick());
        }
    }
}
