namespace Mesh.Tests.Shared;

/// <summary>
/// What other versions say: <c>oldest</c> is schema 1 at its barest, <c>additive</c> is schema 1 with everything a next
/// version may add, <c>next</c> is schema 2. The files in <c>tests/Shared/Skew</c> are never edited; a version that says
/// something else adds files.
/// </summary>
internal static class SkewFixture
{
    public static string Read(string name) =>
        File.ReadAllText(Path.Combine(PublicSurface.RepositoryRoot(), "tests", "Shared", "Skew", name))
            .Replace("\r\n", "\n", StringComparison.Ordinal);
}
