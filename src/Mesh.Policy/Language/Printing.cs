using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Mesh.Policy.Language.Shapes;

namespace Mesh.Policy.Language;

/// <summary>Canonical JSON: two spaces, line feeds, and only the escapes JSON itself demands.</summary>
internal static class Printing
{
    private static readonly JsonWriterOptions Options = new()
    {
        Indented = true,
        NewLine = "\n",

        // The text goes to terminals and files, not into HTML; "<" and "'" stay readable.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static string ToText<T>(Shape<T> shape, T value) => ToText(writer => shape.Write(writer, value));

    public static string ToText(Action<Utf8JsonWriter> write)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, Options))
        {
            write(writer);
        }

        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length) + "\n";
    }
}
