using System.Text.Encodings.Web;
using System.Text.Json;

namespace Mesh.Policy.Tests;

internal static class TestJson
{
    /// <summary>The wire's JSON without escapes that only HTML needs: for files that people read.</summary>
    public static MeshWireJson Readable { get; } = new(new JsonSerializerOptions(MeshWireJson.Default.Options)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    /// <summary>The same, indented.</summary>
    public static MeshWireJson Indented { get; } = new(new JsonSerializerOptions(Readable.Options)
    {
        WriteIndented = true,
        NewLine = "\n",
    });
}
