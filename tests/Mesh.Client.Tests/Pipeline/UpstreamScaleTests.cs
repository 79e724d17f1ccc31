using Mesh.Client.Discovery;
using Mesh.Client.Tests.Support;
using Mesh.Policy;
using NSubstitute;

namespace Mesh.Client.Tests.Pipeline;

public sealed class UpstreamScaleTests
{
    private const int Many = 10_000;

    [Fact]
    public void ApplyEndpoints_OfTenTimesAsMany_CostsTenTimesAsMuch()
    {
        // Bytes and looks at descriptions are exact where time is noise.
        var (smallBytes, smallLooks) = Measure(Many / 10);
        var (largeBytes, largeLooks) = Measure(Many);

        Assert.InRange(largeBytes, smallBytes * 5, smallBytes * 15);
        Assert.True(smallLooks > 0, "The subset never looked at metadata.");
        Assert.Equal(smallLooks * 10, largeLooks);
    }

    [Fact]
    public void ApplyEndpoints_WithOneMoreOfTenThousand_KeepsTheOthers()
    {
        using var mesh = new UpstreamFixture();
        var infos = Infos(Many);
        mesh.With(infos);
        var before = mesh.Upstream.Endpoints.ToHashSet();
        mesh.With([.. infos, UpstreamFixture.Info("new")]);

        Assert.Equal(Many + 1, mesh.Group.Count);
        Assert.Equal("new", Assert.Single(mesh.Upstream.Endpoints, e => !before.Contains(e)).Id);
    }

    [Fact]
    public void Pick_OfTenThousandAllTried_StaysShort()
    {
        using var mesh = new UpstreamFixture().WithAlgorithm("random").With(Infos(Many));
        var tried = mesh.Upstream.Endpoints.Take(4).ToArray();

        for (var i = 0; i < 1_000; i++)
        {
            Assert.DoesNotContain(mesh.Pick(replaceable: true, tried), tried);
        }
    }

    [Fact]
    public void Endpoint_WithoutConnections_IsSmall()
    {
        using var mesh = new UpstreamFixture();
        var infos = Infos(Many);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        mesh.With(infos);
        var each = (GC.GetTotalMemory(forceFullCollection: true) - before) / Many;

        Assert.InRange(each, 1, 1_500);
    }

    private static (long Bytes, int Looks) Measure(int count)
    {
        using var mesh = new UpstreamFixture().WithPolicy(p => p with
        {
            Subsets = new Dictionary<string, SubsetRule>
            {
                ["v1"] = new()
                {
                    Name = "v1", Meta = new Dictionary<string, IReadOnlyList<string>> { ["version"] = ["1"] },
                },
            },
        });
        mesh.With(Infos(count));
        var metadata = Substitute.For<IReadOnlyDictionary<string, string>>();
        EndpointInfo[] next = [.. Infos(count).Select(info => info with { Metadata = metadata })];
        mesh.With(next);
        var looks = metadata.ReceivedCalls().Count();

        // The same again without the substitute, which allocates.
        var infos = Infos(count);
        infos[0] = infos[0] with { Weight = 2 };
        var before = GC.GetAllocatedBytesForCurrentThread();
        mesh.With(infos);
        return (GC.GetAllocatedBytesForCurrentThread() - before, looks);
    }

    private static EndpointInfo[] Infos(int count) =>
        [.. Enumerable.Range(0, count).Select(i => UpstreamFixture.Info("e") with { Id = $"e{i}", Port = i + 1 })];
}
