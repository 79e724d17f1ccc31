using System.Text.Json;

namespace Mesh.Policy.Language;

/// <summary>Reads the text of a document into a tree. Never throws: what is not JSON becomes a problem.</summary>
internal static class NodeParser
{
    private static ReadOnlySpan<byte> Utf8Mark => [0xEF, 0xBB, 0xBF];

    /// <summary>
    /// The tree, or <see langword="null"/> when <paramref name="context"/> has been told why there is none.
    /// </summary>
    public static PolicyNode? Parse(ReadOnlySpan<byte> utf8, ReadContext context)
    {
        if (utf8.Length > PolicyLimits.DocumentBytes)
        {
            context.Refuse(
                "",
                ProblemCodes.TooLarge,
                $"The document has {utf8.Length} bytes; Consul keeps at most {PolicyLimits.DocumentBytes} in one key.",
                bound: $"at most {PolicyLimits.DocumentBytes} bytes");
            return null;
        }

        // Editors on Windows like to put the mark in front; JSON does not allow it.
        var text = utf8.StartsWith(Utf8Mark) ? utf8[Utf8Mark.Length..] : utf8;
        if (text.Trim(" \t\r\n"u8).IsEmpty)
        {
            context.Refuse("", ProblemCodes.Syntax, "The document is empty.");
            return null;
        }

        var reader = new Utf8JsonReader(text, new JsonReaderOptions
        {
            CommentHandling = JsonCommentHandling.Skip,
            AllowTrailingCommas = true,
            MaxDepth = PolicyLimits.Depth + 1,
        });
        try
        {
            reader.Read();
            var root = ReadValue(ref reader, "", context);
            if (root is not null)
            {
                reader.Read();
            }

            return root;
        }
        catch (JsonException e)
        {
            RefuseSyntax(context, e);
        }
        catch (InvalidOperationException)
        {
            // Thrown when a text cannot become UTF-16: invalid UTF-8, or half of a surrogate pair as an escape.
            context.Refuse(
                "", ProblemCodes.Syntax, "A text in the document is not valid Unicode; save the document as UTF-8.");
        }

        return null;
    }

    private static void RefuseSyntax(ReadContext context, JsonException e)
    {
        var message = e.Message;
        var end = message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        var what = (end < 0 ? message : message[..end]).TrimEnd('.');
        var where = $"line {(e.LineNumber ?? 0) + 1}, byte {(e.BytePositionInLine ?? 0) + 1}";
        context.Refuse("", ProblemCodes.Syntax, $"The document is not JSON at {where}: {what}.");
    }

    private static PolicyNode? ReadValue(ref Utf8JsonReader reader, string path, ReadContext context)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject or JsonTokenType.StartArray when reader.CurrentDepth >= PolicyLimits.Depth:
                context.Refuse(
                    path,
                    ProblemCodes.TooDeep,
                    $"Nothing in a document is nested deeper than {PolicyLimits.Depth} levels.",
                    bound: $"at most {PolicyLimits.Depth} levels");
                return null;
            case JsonTokenType.StartObject:
                return ReadObject(ref reader, path, context);
            case JsonTokenType.StartArray:
                return ReadList(ref reader, path, context);
            case JsonTokenType.String:
                return new PolicyNode { Kind = NodeKind.Text, Text = reader.GetString()! };
            case JsonTokenType.Number:
                return new PolicyNode { Kind = NodeKind.Number, Text = Raw(ref reader) };
            case JsonTokenType.True or JsonTokenType.False:
                return new PolicyNode { Kind = NodeKind.Boolean, Text = Raw(ref reader) };
            default:
                return new PolicyNode { Kind = NodeKind.Null };
        }
    }

    private static PolicyNode? ReadObject(ref Utf8JsonReader reader, string path, ReadContext context)
    {
        var members = new List<KeyValuePair<string, PolicyNode>>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var name = reader.GetString()!;
            reader.Read();
            if (ReadValue(ref reader, Pointer.Append(path, name), context) is not { } value)
            {
                return null;
            }

            members.Add(new(name, value));
        }

        return new PolicyNode { Kind = NodeKind.Object, Members = members };
    }

    private static PolicyNode? ReadList(ref Utf8JsonReader reader, string path, ReadContext context)
    {
        var items = new List<PolicyNode>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (ReadValue(ref reader, Pointer.Append(path, items.Count), context) is not { } item)
            {
                return null;
            }

            items.Add(item);
        }

        return new PolicyNode { Kind = NodeKind.List, Items = items };
    }

    private static string Raw(ref Utf8JsonReader reader) => System.Text.Encoding.UTF8.GetString(reader.ValueSpan);
}
