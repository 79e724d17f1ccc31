using System.Reflection;
using Mesh.Tests.Shared;

namespace Mesh.OpenTelemetry.Tests;

public sealed class PublicSurfaceTests
{
    [Fact]
    public void PublicSurface_IsWhatIsCommitted() =>
        PublicSurface.ShouldMatchCommittedFile(Assembly.Load("Mesh.OpenTelemetry"));
}
