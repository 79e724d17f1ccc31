namespace Mesh.Testing.Tests;

internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("mesh-testing-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
