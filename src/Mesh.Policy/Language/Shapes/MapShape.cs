using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mesh.Policy.Language.Shapes;

/// <summary>An object whose fields are names the author chose; keeps their order.</summary>
/// <param name="keyNoun">What a name stands for.</param>
/// <param name="keyRule">What a name may contain; <see langword="null"/> for anything.</param>
/// <param name="keyMaxLength">Longest name.</param>
/// <param name="item">What stands under a name.</param>
/// <param name="min">Fewest entries.</param>
/// <param name="max">Most entries.</param>
/// <param name="ignoreCase">Names that differ in case only are the same.</param>
/// <param name="allOrNothing">An entry that is not understood leaves out the map, not only the entry.</param>
/// <param name="keepsRest">See <see cref="IPartialShape"/>.</param>
internal sealed class MapShape<T>(
    string keyNoun,
    TextRule? keyRule,
    int keyMaxLength,
    Shape<T> item,
    int min,
    int max,
    bool ignoreCase = false,
    bool allOrNothing = false,
    bool keepsRest = false)
    : Shape<IReadOnlyDictionary<string, T>>, IObjectShape, IPartialShape, IRowShape, IWordsShape
{
    private readonly TextShape _key = new(keyNoun, keyMaxLength, keyRule);
    private readonly string _bound = string.Create(CultureInfo.InvariantCulture, $"{min} to {max} entries");

    public bool KeepsRest => keepsRest;

    public string Step => ".<name>.";

    public IEnumerable<FieldRow>? Rows => (item as IRowShape)?.Rows;

    public IEnumerable<string> Words => (item as IWordsShape)?.Words ?? [];

    public string? WordOf(string text) => (item as IWordsShape)?.WordOf(text);

    public override string Described => $"an object of {_bound} from {keyNoun} to {item.Described}";

    public override JsonObject ToSchema() => new()
    {
        ["type"] = "object",
        ["propertyNames"] = _key.ToSchema(),
        ["additionalProperties"] = item.ToSchema(),
        ["minProperties"] = min,
        ["maxProperties"] = max,
    };

    public override ReadOutcome Read(
        PolicyNode node, string path, ReadContext context, out IReadOnlyDictionary<string, T> value)
    {
        var comparer = ignoreCase ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal;
        var map = new OrderedDictionary<string, T>(comparer);
        value = map;
        if (node.Kind != NodeKind.Object)
        {
            return context.WrongType(node, path, Described);
        }

        if (node.Members.Count < min || node.Members.Count > max)
        {
            return context.Refuse(
                path,
                ProblemCodes.WrongLength,
                $"The object must have {_bound}, not {node.Members.Count}.",
                node.Shown(),
                _bound);
        }

        var worst = ReadOutcome.Read;
        foreach (var (name, entry) in node.Members)
        {
            var outcome = ReadEntry(name, entry, Pointer.Append(path, name), context, map);
            if (outcome != ReadOutcome.Read && worst != ReadOutcome.Refused)
            {
                worst = outcome;
            }
        }

        var isLeftOut = worst == ReadOutcome.Ignored && allOrNothing;
        return worst == ReadOutcome.Refused || isLeftOut ? worst : ReadOutcome.Read;
    }

    public override void Write(Utf8JsonWriter writer, IReadOnlyDictionary<string, T> value)
    {
        writer.WriteStartObject();
        foreach (var (name, entry) in value)
        {
            writer.WritePropertyName(name);
            item.Write(writer, entry);
        }

        writer.WriteEndObject();
    }

    private ReadOutcome ReadEntry(
        string name, PolicyNode entry, string path, ReadContext context, OrderedDictionary<string, T> map)
    {
        var named = _key.Read(new PolicyNode { Kind = NodeKind.Text, Text = name }, path, context, out _);
        if (named != ReadOutcome.Read)
        {
            return named;
        }

        var outcome = item.Read(entry, path, context, out var read);
        if (outcome != ReadOutcome.Read || map.TryAdd(name, read!))
        {
            return outcome;
        }

        var code = map.Keys.Contains(name) && !ignoreCase ? ProblemCodes.DuplicateField : ProblemCodes.DuplicateName;
        return context.Refuse(
            path, code, $"{keyNoun.ToSentence()} \"{name}\" is there twice; keep one.", entry.Shown());
    }
}
