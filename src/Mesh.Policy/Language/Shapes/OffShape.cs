using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mesh.Policy.Language.Shapes;

/// <summary>Another shape, or a word that turns it off.</summary>
internal sealed class OffShape<T>(Shape<T> inner, string word = "off") : Shape<Setting<T>>, IRowShape, IPartialShape
    where T : notnull
{
    public override string Described => $"{inner.Described} or \"{word}\"";

    public string Step => (inner as IRowShape)?.Step ?? ".";

    public bool KeepsRest => inner is IPartialShape { KeepsRest: true };

    public IEnumerable<FieldRow>? Rows => (inner as IRowShape)?.Rows;

    public override JsonObject ToSchema() =>
        new() { ["anyOf"] = new JsonArray(new JsonObject { ["const"] = word }, inner.ToSchema()) };

    public override ReadOutcome Read(PolicyNode node, string path, ReadContext context, out Setting<T> value)
    {
        value = Setting<T>.Off;
        if (node.Kind == NodeKind.Text && node.Text == word)
        {
            return ReadOutcome.Read;
        }

        var isAlmost = node.Kind == NodeKind.Boolean ||
                       (node.Kind == NodeKind.Text && node.Text.Equals(word, StringComparison.OrdinalIgnoreCase));
        if (isAlmost || (node.Kind != NodeKind.Object && inner is IObjectShape))
        {
            var suggestion = isAlmost && node.Text != "true" ? word : null;
            return context.WrongType(node, path, Described, suggestion);
        }

        var outcome = inner.Read(node, path, context, out var read);
        if (outcome == ReadOutcome.Read || (outcome == ReadOutcome.Refused && KeepsRest))
        {
            value = read!;
        }

        return outcome;
    }

    public override void Write(Utf8JsonWriter writer, Setting<T> value)
    {
        if (value.IsOff)
        {
            writer.WriteStringValue(word);
        }
        else
        {
            inner.Write(writer, value.Value);
        }
    }
}
