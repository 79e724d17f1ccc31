using System.Text.Json.Nodes;
using Mesh.Tests.Shared;

namespace Mesh.Scenarios.Tests.Support;

/// <summary>What a run showed, in <c>tests/Results</c>.</summary>
internal static class Results
{
    public static void Save(string name, JsonObject result)
    {
        var folder = Directory.CreateDirectory(Path.Combine(PublicSurface.RepositoryRoot(), "tests", "Results"));
        File.WriteAllText(Path.Combine(folder.FullName, name + ".json"), result.ToJsonString() + "\n");
    }
}
