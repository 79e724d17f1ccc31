using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mesh.Policy.Language.Shapes;

/// <summary>A limit of concurrency: a word for its mode alone, or an object.</summary>
internal sealed class ConcurrencyShape(ObjectShape<ConcurrencySection> inner)
    : Shape<Setting<ConcurrencySection>>, IRowShape, IWordsShape
{
    private const string Adaptive = "adaptive";
    private const string Fixed = "fixed";
    private const string Off = "off";

    private static readonly string[] Known = [Adaptive, Off];

    public override string Described => $"\"{Adaptive}\", \"{Off}\" or {inner.Described}";

    public string Step => ".";

    public IEnumerable<FieldRow>? Rows => inner.Rows();

    public IEnumerable<string> Words => Known;

    public string? WordOf(string text) => text;

    public override JsonObject ToSchema() => new()
    {
        ["anyOf"] = new JsonArray(
            new JsonObject { ["enum"] = new JsonArray([.. Known.Select(w => (JsonNode)JsonValue.Create(w))]) },
            inner.ToSchema()),
    };

    public override ReadOutcome Read(
        PolicyNode node, string path, ReadContext context, out Setting<ConcurrencySection> value)
    {
        value = Setting<ConcurrencySection>.Off;
        switch (node)
        {
            case { Kind: NodeKind.Text, Text: Off }:
                return ReadOutcome.Read;
            case { Kind: NodeKind.Text, Text: Adaptive }:
                value = new ConcurrencySection { Adaptive = true };
                return ReadOutcome.Read;
            case { Kind: NodeKind.Text, Text: Fixed }:
                return context.Refuse(
                    path,
                    ProblemCodes.InvalidFormat,
                    "A fixed limit says how many: { \"mode\": \"fixed\", \"max\": 64 }.",
                    node.Shown(),
                    Described);
            case { Kind: NodeKind.Text }:
                return NotAWord(node, path, context);
            case { Kind: NodeKind.Number }:
                return context.WrongType(
                    node, path, Described, $"{{ \"mode\": \"{Fixed}\", \"max\": {PolicyNode.Shorten(node.Text)} }}");
            case { Kind: NodeKind.Object }:
                var outcome = inner.Read(node, path, context, out var section);
                value = section;
                return outcome;
            default:
                return context.WrongType(node, path, Described);
        }
    }

    public override void Write(Utf8JsonWriter writer, Setting<ConcurrencySection> value)
    {
        if (value.IsOff)
        {
            writer.WriteStringValue(Off);
        }
        else if (value.Value == new ConcurrencySection { Adaptive = true })
        {
            writer.WriteStringValue(Adaptive);
        }
        else
        {
            inner.Write(writer, value.Value);
        }
    }

    private ReadOutcome NotAWord(PolicyNode node, string path, ReadContext context)
    {
        var suggestion = Suggestions.Closest(node.Text, Known);
        return context.NotUnderstood(
            path,
            ProblemCodes.UnknownWord,
            $"{node.Shown()} is not known here; it must be {Described}{Wording.DidYouMean(suggestion)}",
            node.Shown(),
            Described,
            suggestion);
    }
}
