using System.Text;
using System.Text.Json;
using Mesh.Tests.Shared;

namespace Mesh.Policy.Tests;

/// <summary>
/// Inputs and expected results under <c>Golden/</c>. <c>MESH_ACCEPT_GOLDEN=1</c> rewrites the expected results; read
/// the diff before committing it.
/// </summary>
internal static class GoldenFiles
{
    public static string Root { get; } =
        Path.Combine(PublicSurface.RepositoryRoot(), "tests", "Mesh.Policy.Tests", "Golden");

    private static bool Accepts => Environment.GetEnvironmentVariable("MESH_ACCEPT_GOLDEN") == "1";

    /// <summary>The inputs (<c>*.jsonc</c>) of one folder, without folder and ending.</summary>
    public static TheoryData<string> Cases(string folder)
    {
        var names = Directory.GetFiles(Path.Combine(Root, folder), "*.jsonc").Select(Path.GetFileNameWithoutExtension);
        return [.. names.Order(StringComparer.Ordinal).Select(n => n!)];
    }

    public static byte[] Read(params string[] path) => File.ReadAllBytes(Path.Combine([Root, .. path]));

    public static string ReadText(params string[] path) =>
        File.ReadAllText(Path.Combine([Root, .. path])).ReplaceLineEndings("\n");

    /// <summary>Compares with the committed file.</summary>
    public static void ShouldMatch(string actual, params string[] path)
    {
        var file = Path.Combine([Root, .. path]);
        if (Accepts)
        {
            File.WriteAllText(file, actual);
        }

        Assert.True(File.Exists(file), $"{file} is missing; run once with MESH_ACCEPT_GOLDEN=1.");
        Assert.Equal(File.ReadAllText(file).ReplaceLineEndings("\n"), actual);
    }

    /// <summary>Problems as expected results show them: one a line.</summary>
    public static string Print(IReadOnlyList<PolicyProblem> problems)
    {
        var text = new StringBuilder("[\n");
        text.AppendJoin(
            ",\n", problems.Select(p => "  " + JsonSerializer.Serialize(p, TestJson.Readable.PolicyProblem)));
        return text.Append("\n]\n").ToString();
    }

    /// <summary>
    /// Inputs called <c>global-…</c> are read as the global document, all others as that of "orders".
    /// </summary>
    public static PolicyKey KeyOf(string name) =>
        name.StartsWith("global", StringComparison.Ordinal) ? PolicyKey.GlobalTraffic : PolicyKey.TrafficTo("orders");
}
