using Mesh.Client.Security;

namespace Mesh.Client.Tests.Security;

public sealed class DevelopmentRootTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mesh-development-root-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Open_ManyAtOnce_AllHaveTheOneThatStays()
    {
        const int processes = 4;
        for (var round = 0; round < 50; round++)
        {
            var folder = Path.Combine(_folder, $"{round}");
            using var start = new Barrier(processes);
            var opened = await Task.WhenAll(Enumerable.Range(0, processes).Select(_ => Task.Factory.StartNew(
                () =>
                {
                    using var root = new DevelopmentRoot(folder, "shop.development", TimeProvider.System);
                    start.SignalAndWait();
                    return root.Open().Thumbprint;
                },
                TaskCreationOptions.LongRunning)));

            using var later = new DevelopmentRoot(folder, "shop.development", TimeProvider.System);
            var stays = later.Open().Thumbprint;
            Assert.All(opened, thumbprint => Assert.Equal(stays, thumbprint));
            Assert.Single(Directory.GetFiles(folder));
        }
    }
}
