using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mesh.Policy.Language.Shapes;

/// <summary>A list of bounded length; its items are alternatives (OR) or a sequence.</summary>
/// <param name="item">What an item may be.</param>
/// <param name="min">Fewest items.</param>
/// <param name="max">Most items.</param>
/// <param name="singleAllowed">A single item may stand without brackets.</param>
/// <param name="allOrNothing">An item that is not understood leaves out the list, not only the item.</param>
/// <param name="keepsRest">See <see cref="IPartialShape"/>.</param>
internal sealed class ListShape<T>(
    Shape<T> item, int min, int max, bool singleAllowed = false, bool allOrNothing = false, bool keepsRest = false)
    : Shape<IReadOnlyList<T>>, IPartialShape, IRowShape, IWordsShape
{
    private readonly string _bound = string.Create(CultureInfo.InvariantCulture, $"{min} to {max} entries");

    public bool KeepsRest => keepsRest;

    public string Step => "[].";

    public IEnumerable<FieldRow>? Rows => (item as IRowShape)?.Rows;

    public IEnumerable<string> Words => (item as IWordsShape)?.Words ?? [];

    public string? WordOf(string text) => (item as IWordsShape)?.WordOf(text);

    public override string Described => singleAllowed
        ? $"{item.Described}, or a list of {_bound}"
        : $"a list of {_bound}, each {item.Described}";

    public override JsonObject ToSchema()
    {
        var list = new JsonObject
        {
            ["type"] = "array",
            ["items"] = item.ToSchema(),
            ["minItems"] = min,
            ["maxItems"] = max,
        };
        return singleAllowed ? new JsonObject { ["anyOf"] = new JsonArray(item.ToSchema(), list) } : list;
    }

    public override ReadOutcome Read(PolicyNode node, string path, ReadContext context, out IReadOnlyList<T> value)
    {
        value = [];
        if (node.Kind != NodeKind.List)
        {
            return singleAllowed
                ? ReadSingle(node, path, context, ref value)
                : context.WrongType(node, path, Described);
        }

        if (node.Items.Count < min || node.Items.Count > max)
        {
            return context.Refuse(
                path,
                ProblemCodes.WrongLength,
                $"The list must have {_bound}, not {node.Items.Count}.",
                node.Shown(),
                _bound);
        }

        var items = new List<T>(node.Items.Count);
        var worst = ReadOutcome.Read;
        for (var i = 0; i < node.Items.Count; i++)
        {
            var here = Pointer.Append(path, i);
            var outcome = item.Read(node.Items[i], here, context, out var read);
            if (outcome == ReadOutcome.Read)
            {
                items.Add(read!);
                context.Place(read!, here);
            }
            else if (worst != ReadOutcome.Refused)
            {
                worst = outcome;
            }
        }

        value = items;
        var isLeftOut = worst == ReadOutcome.Ignored && (allOrNothing || items.Count < min);
        return worst == ReadOutcome.Refused || isLeftOut ? worst : ReadOutcome.Read;
    }

    public override void Write(Utf8JsonWriter writer, IReadOnlyList<T> value)
    {
        writer.WriteStartArray();
        foreach (var entry in value)
        {
            item.Write(writer, entry);
        }

        writer.WriteEndArray();
    }

    private ReadOutcome ReadSingle(PolicyNode node, string path, ReadContext context, ref IReadOnlyList<T> value)
    {
        var outcome = item.Read(node, path, context, out var single);
        if (outcome == ReadOutcome.Read)
        {
            value = [single!];
        }

        return outcome;
    }
}
