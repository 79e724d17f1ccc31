using Mesh.Client.Pipeline;

namespace Mesh.Client.Tests.Pipeline;

public sealed class MeshSelfTests
{
    [Fact]
    public void Of_EverythingSet_IsTakenAsItIs()
    {
        var self = MeshSelf.Of(
            new MeshOptions { Name = "shop", Service = "Orders", Instance = "I-1", Version = "2", Zone = "z" },
            "Ignored",
            new FixedRandom());

        Assert.Equal(new MeshSelf("shop", "orders", "I-1", "2", "z"), self);
    }

    [Theory]
    [InlineData("Shop.Orders", "shop-orders")]
    [InlineData("My App (x86)", "my-app--x86")]
    [InlineData("...", "application")]
    public void Of_NoService_TakesTheApplicationsName(string application, string service)
    {
        var self = MeshSelf.Of(new MeshOptions(), application, new FixedRandom());

        Assert.Equal(service, self.Service);
        Assert.StartsWith($"{service}-", self.Instance);
        Assert.EndsWith("-0000002a", self.Instance);
        Assert.Matches("^[a-z0-9-]+$", self.Instance);
        Assert.DoesNotContain('+', self.Version);
        Assert.Null(self.Zone);
    }

    [Fact]
    public void Of_NoHost_StillHasAName() =>
        Assert.Matches("^[a-z0-9-]+$", MeshSelf.Of(new MeshOptions(), null, new FixedRandom()).Service);

    private sealed class FixedRandom : Random
    {
        public override long NextInt64(long maxValue) => 42;
    }
}
