using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mesh.Policy.Language.Shapes;

/// <summary>
/// A test on a text: <c>{ "exact": "…" }</c> with exactly one of the kinds, and where <paramref name="bareAllowed"/>
/// a bare string for <c>exact</c>.
/// </summary>
internal sealed class StringMatchShape(bool bareAllowed, TextShape text, params StringMatchKind[] kinds)
    : Shape<StringMatch>, IObjectShape, IWordsShape
{
    private const string Present = "present";

    private static readonly RegexShape Pattern = new();

    private readonly string[] _words = [.. kinds.Select(Word)];

    public override string Described =>
        $"{(bareAllowed ? $"{text.Described}, or " : "")}an object with one of {Wording.Or(_words)}";

    public IEnumerable<string> Words => _words;

    public string? WordOf(string text) => null;

    public override JsonObject ToSchema()
    {
        var properties = new JsonObject();
        foreach (var word in _words)
        {
            properties[word] = word switch
            {
                Present => new JsonObject { ["type"] = "boolean" },
                "regex" => Pattern.ToSchema(),
                _ => text.ToSchema(),
            };
        }

        var schema = new JsonObject
        {
            ["type"] = "object",
            ["properties"] = properties,
            ["additionalProperties"] = false,
            ["minProperties"] = 1,
            ["maxProperties"] = 1,
        };
        return bareAllowed ? new JsonObject { ["anyOf"] = new JsonArray(text.ToSchema(), schema) } : schema;
    }

    public override ReadOutcome Read(PolicyNode node, string path, ReadContext context, out StringMatch value)
    {
        value = new StringMatch(StringMatchKind.Exact, "");
        if (bareAllowed && node.Kind == NodeKind.Text)
        {
            return Finish(text.Read(node, path, context, out var bare), StringMatchKind.Exact, bare, ref value);
        }

        if (node.Kind != NodeKind.Object)
        {
            var suggestion = node.Kind == NodeKind.Text && _words.Contains("prefix")
                ? $"{{ \"prefix\": \"{PolicyNode.Shorten(node.Text)}\" }}"
                : null;
            return context.WrongType(node, path, Described, suggestion);
        }

        if (node.Members.Count != 1)
        {
            return context.Refuse(
                path,
                ProblemCodes.WrongLength,
                $"Exactly one of {Wording.Or(_words)} is expected, not {node.Members.Count} fields.",
                node.Shown(),
                Wording.Or(_words));
        }

        return ReadKind(node.Members[0].Key, node.Members[0].Value, path, context, ref value);
    }

    public override void Write(Utf8JsonWriter writer, StringMatch value)
    {
        if (bareAllowed && value.Kind == StringMatchKind.Exact)
        {
            writer.WriteStringValue(value.Value);
            return;
        }

        writer.WriteStartObject();
        if (value.Kind is StringMatchKind.Present or StringMatchKind.Absent)
        {
            writer.WriteBoolean(Present, value.Kind == StringMatchKind.Present);
        }
        else
        {
            writer.WriteString(Word(value.Kind), value.Value);
        }

        writer.WriteEndObject();
    }

    private static string Word(StringMatchKind kind) => kind switch
    {
        StringMatchKind.Exact => "exact",
        StringMatchKind.Prefix => "prefix",
        StringMatchKind.Suffix => "suffix",
        StringMatchKind.Regex => "regex",
        _ => Present,
    };

    private static ReadOutcome Finish(
        ReadOutcome outcome, StringMatchKind kind, string? read, ref StringMatch value)
    {
        value = outcome == ReadOutcome.Read ? new StringMatch(kind, read!) : value;
        return outcome;
    }

    private ReadOutcome ReadKind(
        string word, PolicyNode node, string path, ReadContext context, ref StringMatch value)
    {
        var index = Array.IndexOf(_words, word);
        var here = Pointer.Append(path, word);
        if (index < 0)
        {
            var suggestion = Suggestions.Closest(word, _words);
            return context.NotUnderstood(
                here,
                ProblemCodes.UnknownField,
                $"There is no comparison \"{PolicyNode.Shorten(word)}\" here; it must be {Wording.Or(_words)}" +
                Wording.DidYouMean(suggestion),
                node.Shown(),
                Wording.Or(_words),
                suggestion);
        }

        if (word == Present)
        {
            var kind = node.Text == "true" ? StringMatchKind.Present : StringMatchKind.Absent;
            return node.Kind == NodeKind.Boolean
                ? Finish(ReadOutcome.Read, kind, "", ref value)
                : context.WrongType(node, here, "true or false");
        }

        var outcome = word == "regex"
            ? Pattern.Read(node, here, context, out var read)
            : text.Read(node, here, context, out read);
        return Finish(outcome, kinds[index], read, ref value);
    }
}
