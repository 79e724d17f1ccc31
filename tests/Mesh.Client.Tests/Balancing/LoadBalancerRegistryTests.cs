using Mesh.Client.Balancing;
using Mesh.Client.Tests.Support;
using Mesh.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using NSubstitute;

namespace Mesh.Client.Tests.Balancing;

public sealed class LoadBalancerRegistryTests
{
    [Fact]
    public void Create_WithABuiltInName_GivesANewInstanceEachTime()
    {
        var registry = Registry();

        foreach (var name in new[] { "peak-ewma", "least-request", "round-robin", "random" })
        {
            Assert.NotSame(registry.Create(name), registry.Create(name));
        }
    }

    [Fact]
    public void Create_WithARegisteredName_AsksItsFactoryOnTheFirstPick()
    {
        var made = 0;
        var registry = Registry(new LoadBalancerRegistration("last", () =>
        {
            made++;
            return new Last();
        }));

        var balancer = registry.Create("custom:last");
        Assert.Equal(0, made);
        Assert.Equal(2, Pick(balancer));
        Assert.Equal(2, Pick(balancer));
        Assert.Equal(1, made);
    }

    [Fact]
    public void Create_WithANameNobodyRegistered_GivesTheDefault() =>
        Assert.IsType<PeakEwmaBalancer>(Registry().Create("custom:nobody"));

    [Fact]
    public void Pick_OfABalancerThatThrows_StillChooses()
    {
        var balancer = Registry(new LoadBalancerRegistration("broken", () => new Broken())).Create("custom:broken");

        Assert.InRange(Pick(balancer), 0, 2);
    }

    [Fact]
    public void Pick_OfABalancerThatAnswersOutOfRange_StillChooses()
    {
        var balancer = Registry(new LoadBalancerRegistration("lost", () => new Lost())).Create("custom:lost");

        Assert.InRange(Pick(balancer), 0, 2);
    }

    [Fact]
    public void AddLoadBalancer_MakesItsNameKnown()
    {
        var services = new ServiceCollection();
        var builder = Substitute.For<IMeshBuilder>();
        builder.Services.Returns(services);
        builder.AddLoadBalancer("last", _ => new Last());
        using var provider = services.BuildServiceProvider();

        var registry = Registry([.. provider.GetServices<LoadBalancerRegistration>()]);

        Assert.Equal(2, Pick(registry.Create("custom:LAST")));
    }

    private static LoadBalancerRegistry Registry(params LoadBalancerRegistration[] custom) =>
        new(custom, new SeededRandom(1), NullLoggerFactory.Instance);

    private static int Pick(ILoadBalancer balancer)
    {
        using var mesh = new UpstreamFixture().With("a", "b", "c");
        return balancer.Pick(
            mesh.Group.Set.Candidates, new LoadBalancerContext(new SeededRandom(1), time: 0, hashKey: null));
    }

    private sealed class Last : ILoadBalancer
    {
        public int Pick(LoadBalancerCandidates candidates, in LoadBalancerContext context) => candidates.Count - 1;
    }

    private sealed class Broken : ILoadBalancer
    {
        public int Pick(LoadBalancerCandidates candidates, in LoadBalancerContext context) =>
            throw new InvalidOperationException("broken");
    }

    private sealed class Lost : ILoadBalancer
    {
        public int Pick(LoadBalancerCandidates candidates, in LoadBalancerContext context) => candidates.Count;
    }
}
