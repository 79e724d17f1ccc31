using System.Text;
using System.Text.Json;
using Mesh.Policy;

namespace Mesh.ConfigServer.Editing;

/// <summary>Sets members of a document's outermost object and leaves everything else as its author wrote it.</summary>
internal static class JsonMembers
{
    private static ReadOnlySpan<byte> Utf8Mark => [0xEF, 0xBB, 0xBF];

    /// <summary>The text with these members: values replaced where they stand, new ones first.</summary>
    /// <param name="utf8">JSON with comments and trailing commas.</param>
    /// <param name="members">Names and values, as JSON.</param>
    /// <returns><see langword="null"/> when the text is no JSON object.</returns>
    public static byte[]? Set(ReadOnlySpan<byte> utf8, params ReadOnlySpan<(string Name, string Json)> members)
    {
        // Positions are those of the reader, which does not know the mark that editors on Windows put in front.
        var text = utf8.StartsWith(Utf8Mark) ? utf8[Utf8Mark.Length..] : utf8;
        if (!TryFind(text, out var start, out var found))
        {
            return null;
        }

        var edits = new List<(int From, int To, string Text)>();
        var added = new StringBuilder();
        foreach (var (name, json) in members)
        {
            if (found.TryGetValue(name, out var at))
            {
                edits.Add((at.From, at.To, json));
            }
            else
            {
                added.Append('"').Append(JsonEncodedText.Encode(name)).Append("\": ").Append(json).Append(", ");
            }
        }

        if (added.Length > 0)
        {
            var last = found.Count == 0 ? ", ".Length : 0;
            edits.Add((start, start, " " + added.ToString(0, added.Length - last)));
        }

        return Apply(text, edits);
    }

    private static byte[] Apply(ReadOnlySpan<byte> text, List<(int From, int To, string Text)> edits)
    {
        using var result = new MemoryStream(text.Length + 256);
        var copied = 0;
        foreach (var (from, to, replacement) in edits.OrderBy(e => e.From))
        {
            result.Write(text[copied..from]);
            result.Write(Encoding.UTF8.GetBytes(replacement));
            copied = to;
        }

        result.Write(text[copied..]);
        return result.ToArray();
    }

    private static bool TryFind(
        ReadOnlySpan<byte> text, out int start, out Dictionary<string, (int From, int To)> members)
    {
        start = 0;
        members = new Dictionary<string, (int, int)>(StringComparer.Ordinal);
        var reader = new Utf8JsonReader(text, new JsonReaderOptions
        {
            CommentHandling = JsonCommentHandling.Skip,
            AllowTrailingCommas = true,
            MaxDepth = PolicyLimits.Depth + 1,
        });
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return false;
            }

            start = (int)reader.BytesConsumed;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = reader.GetString()!;
                reader.Read();
                var from = (int)reader.TokenStartIndex;
                reader.Skip();
                members[name] = (from, (int)reader.BytesConsumed);
            }

            return true;
        }
        catch (JsonException)
        {
            // Not a document: whoever wants to write it hears that from its validation.
            return false;
        }
    }
}
