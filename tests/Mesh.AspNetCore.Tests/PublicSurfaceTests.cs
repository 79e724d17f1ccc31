using System.Reflection;
using Mesh.Tests.Shared;

namespace Mesh.AspNetCore.Tests;

public sealed class PublicSurfaceTests
{
    [Fact]
    public void PublicSurface_IsWhatIsCommitted() =>
        PublicSurface.ShouldMatchCommittedFile(Assembly.Load("Mesh.AspNetCore"));
}
