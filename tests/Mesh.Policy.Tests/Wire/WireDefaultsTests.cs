using System.Text.Json;

namespace Mesh.Policy.Tests.Wire;

public sealed class WireDefaultsTests
{
    [Fact]
    public void Event_WithoutOptionalMembers_HasTheirDefaults()
    {
        var read = JsonSerializer.Deserialize(
            """{"type":"later","mesh":"mesh","datacenter":"dc1","hash":"00"}""", MeshWireJson.Default.PolicyEvent)!;

        Assert.False(WireSchema.IsReadable(read.Schema));
        Assert.Equal(PolicyEventType.Unknown, read.Type);
        Assert.Empty(read.Documents);
        Assert.Empty(read.Removed);
    }
}
