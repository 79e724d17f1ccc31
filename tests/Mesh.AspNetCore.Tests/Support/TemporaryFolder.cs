namespace Mesh.AspNetCore.Tests.Support;

/// <summary>A folder that ends with its test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("mesh-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
