using Mesh.Tests.Shared;

namespace Mesh.Scenarios.Tests.Support;

/// <summary>The Program.cs that the README shows, as a reader would copy it.</summary>
internal static class ReadmeProgram
{
    public static string Read()
    {
        var lines = File.ReadAllLines(Path.Combine(PublicSurface.RepositoryRoot(), "README.md"));
        var start = Array.FindIndex(lines, l => l.StartsWith("// Program.cs", StringComparison.Ordinal));
        Assert.True(start > 0 && lines[start - 1] == "```csharp", "README.md shows no Program.cs.");
        return string.Join('\n', lines.Skip(start).TakeWhile(l => l != "```"));
    }
}
