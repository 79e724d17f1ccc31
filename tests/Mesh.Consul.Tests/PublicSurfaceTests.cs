using System.Reflection;
using Mesh.Tests.Shared;

namespace Mesh.Consul.Tests;

public sealed class PublicSurfaceTests
{
    [Fact]
    public void PublicSurface_IsWhatIsCommitted() =>
        PublicSurface.ShouldMatchCommittedFile(Assembly.Load("Mesh.Consul"));
}
