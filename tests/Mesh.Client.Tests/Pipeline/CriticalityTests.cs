using Mesh.Client.Pipeline;
using Mesh.Client.Tests.Support;

namespace Mesh.Client.Tests.Pipeline;

public sealed class CriticalityTests : IDisposable
{
    private readonly TestMesh _mesh = new TestMesh().WithEndpoints(1, members: true);

    public void Dispose() => _mesh.Dispose();

    [Theory]
    [InlineData(null, null, null, null)]
    [InlineData(MeshCriticality.Sheddable, null, null, "sheddable")]
    [InlineData(MeshCriticality.Sheddable, MeshCriticality.CriticalPlus, null, "critical_plus")]
    [InlineData(MeshCriticality.Sheddable, MeshCriticality.CriticalPlus, MeshCriticality.Critical, "critical")]
    [InlineData(null, null, MeshCriticality.SheddablePlus, "sheddable_plus")]
    public async Task Call_MattersAsMuchAsTheNearestWordSays(
        MeshCriticality? served, MeshCriticality? used, MeshCriticality? option, string? told)
    {
        if (served is not null)
        {
            MeshAmbient.Served = new ServedRequest(TimeProvider.System) { Criticality = served };
        }

        using var request = TestMesh.Get();
        if (option is { } own)
        {
            request.Options.Set(MeshRequestOptions.Criticality, own);
        }

        using (used is { } chosen ? MeshContext.Use(chosen) : null)
        {
            using var response = await _mesh.Invoker().SendAsync(request, default);
        }

        Assert.Equal(told, _mesh.Stubs.Sent.Single().Headers.GetValueOrDefault(MeshHeaders.Criticality));
        Assert.Empty(request.Headers);
        Assert.Equal(served ?? MeshCriticality.Critical, MeshContext.Criticality);
    }

    [Fact]
    public async Task Use_EndsWithItsFlow_AndNests()
    {
        using (MeshContext.Use(MeshCriticality.Sheddable))
        {
            using (MeshContext.Use(MeshCriticality.CriticalPlus))
            {
                Assert.Equal(MeshCriticality.CriticalPlus, await Task.Run(() => MeshContext.Criticality));
            }

            Assert.Equal(MeshCriticality.Sheddable, MeshContext.Criticality);
        }

        Assert.Equal(MeshCriticality.Critical, MeshContext.Criticality);
    }

    [Fact]
    public void Words_AreReadBack()
    {
        Assert.All(Enum.GetValues<MeshCriticality>(), c => Assert.Equal(c, CriticalityWords.Parse(c.Word())));
        Assert.Null(CriticalityWords.Parse("plus"));
    }
}
