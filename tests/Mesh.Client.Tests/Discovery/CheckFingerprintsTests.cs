using Mesh.Client.Discovery;
using Mesh.Consul;

namespace Mesh.Client.Tests.Discovery;

public sealed class CheckFingerprintsTests
{
    private readonly CheckFingerprints _fingerprints = new();

    [Fact]
    public void Update_First_MayConcernEverything()
    {
        _fingerprints.Update([Check("orders", "o1")], out var everything);

        Assert.True(everything);
    }

    [Fact]
    public void Update_SameChecksInAnotherOrderWithOtherOutput_ChangesNothing()
    {
        _fingerprints.Update([Check("orders", "o1"), Check("orders", "o2"), Node("n1")], out _);

        var changed = _fingerprints.Update(
            [Node("n1"), Check("orders", "o2") with { Output = "again" }, Check("orders", "o1")], out var everything);

        Assert.Empty(changed);
        Assert.False(everything);
    }

    [Fact]
    public void Update_StateAddedRemoved_NameTheirServices()
    {
        _fingerprints.Update([Check("orders", "o1"), Check("gone", "g1"), Check("calm", "c1")], out _);

        var changed = _fingerprints.Update(
            [Check("orders", "o1", ConsulHealth.Critical), Check("calm", "c1"), Check("new", "x1")], out var everything);

        Assert.Equal(["gone", "new", "orders"], changed.Order());
        Assert.False(everything);
    }

    [Fact]
    public void Update_InstanceReplaced_NamesItsService()
    {
        _fingerprints.Update([Check("orders", "o1")], out _);

        Assert.Equal(["orders"], _fingerprints.Update([Check("orders", "o2")], out _));
    }

    [Fact]
    public void Update_NodeCheck_MayConcernEverything()
    {
        _fingerprints.Update([Check("orders", "o1"), Node("n1")], out _);

        var changed = _fingerprints.Update(
            [Check("orders", "o1"), Node("n1") with { Status = ConsulHealth.Critical }], out var everything);

        Assert.Empty(changed);
        Assert.True(everything);
    }

    private static ConsulCheck Check(string service, string id, ConsulHealth status = ConsulHealth.Passing) =>
        new() { CheckId = $"service:{id}", ServiceId = id, ServiceName = service, Node = "n1", Status = status };

    private static ConsulCheck Node(string node) =>
        new() { CheckId = "serfHealth", Node = node, Status = ConsulHealth.Passing };
}
