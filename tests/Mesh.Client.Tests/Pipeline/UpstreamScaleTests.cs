using Mesh.Client.Attempts;
using Mesh.Client.Discovery;
using Mesh.Client.Tests.Support;

namespace Mesh.Client.Tests.Pipeline;

public sealed class UpstreamScaleTests
{
    private const int Many = 10_000;

    [Fact]
    public void ApplyEndpoints_OfTenThousand_CostsAboutTenTimesThatOfAThousand()
    {
        // Time is noise here, bytes are not: a quadratic step would show in neither alone, so both are looked at.
        var (smallBytes, smallTime) = Measure(Many / 10);
        var (largeBytes, largeTime) = Measure(Many);

        Assert.InRange(largeBytes, smallBytes * 5, smallBytes * 15);
        Assert.True(largeTime < smallTime * 60, $"{smallTime} for {Many / 10}, {largeTime} for {Many}");
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

    private static (long Bytes, TimeSpan Time) Measure(int count)
    {
        using var mesh = new UpstreamFixture();
        mesh.With(Infos(count));
        var best = (Bytes: long.MaxValue, Time: TimeSpan.MaxValue);
        for (var round = 0; round < 5; round++)
        {
            var infos = Infos(count);
            infos[round] = infos[round] with { Weight = 2 };
            var bytes = GC.GetAllocatedBytesForCurrentThread();
            var started = TimeProvider.System.GetTimestamp();
            mesh.With(infos);
            var time = TimeProvider.System.GetElapsedTime(started);
            bytes = GC.GetAllocatedBytesForCurrentThread() - bytes;
            best = (Math.Min(best.Bytes, bytes), time < best.Time ? time : best.Time);
        }

        mesh.Answer(mesh.Upstream.Endpoints[0], AttemptOutcome.Reset, times: 5);
        return best;
    }

    private static EndpointInfo[] Infos(int count) =>
        [.. Enumerable.Range(0, count).Select(i => UpstreamFixture.Info("e") with { Id = $"e{i}", Port = i + 1 })];
}
