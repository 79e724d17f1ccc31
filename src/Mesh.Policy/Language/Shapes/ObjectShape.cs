using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mesh.Policy.Language.Shapes;

/// <summary>An object with known fields.</summary>
/// <param name="create">An empty one.</param>
/// <param name="check">What must hold between fields.</param>
/// <param name="allOrNothing">
/// An unknown field leaves out the whole object: for conditions, which would take more without it.
/// </param>
internal sealed class ObjectShape<T>(
    Func<T> create, Action<T, string, ReadContext>? check = null, bool allOrNothing = false)
    : Shape<T>, IObjectShape, IRowShape
    where T : class
{
    private readonly List<Field<T>> _fields = [];

    public override string Described => "an object";

    public string Step => ".";

    IEnumerable<FieldRow> IRowShape.Rows => Rows();

    /// <summary>The fields in the order in which they are documented and printed.</summary>
    public IEnumerable<FieldRow> Rows() =>
        _fields.Select(f => new FieldRow(
            f.Name, f.Summary, f.Shape, f.Default, f.IsRequired, (f as RefusedField<T>)?.Code));

    public ObjectShape<T> With<TValue>(
        string name,
        Shape<TValue> shape,
        string summary,
        Func<T, object?> get,
        Func<T, TValue, T> set,
        string? defaultText = null,
        bool required = false,
        bool essential = false)
    {
        _fields.Add(new ValueField<T, TValue>(name, shape, summary, get, set)
        {
            Default = defaultText,
            IsRequired = required,
            IsEssential = essential || allOrNothing,
        });
        return this;
    }

    /// <summary>A field of a later version.</summary>
    public ObjectShape<T> Later(string name, string summary)
    {
        _fields.Add(new RefusedField<T>(
            name, ProblemCodes.NotSupported, summary, $"\"{name}\" is not supported by this version; leave it out."));
        return this;
    }

    /// <summary>A field that belongs elsewhere.</summary>
    public ObjectShape<T> Elsewhere(string name, string summary, string message)
    {
        _fields.Add(new RefusedField<T>(name, ProblemCodes.Misplaced, summary, message));
        return this;
    }

    public override JsonObject ToSchema()
    {
        var properties = new JsonObject();
        foreach (var field in _fields)
        {
            properties[field.Name] = field.ToSchema();
        }

        var schema = new JsonObject
        {
            ["type"] = "object",
            ["properties"] = properties,
            ["additionalProperties"] = false,
        };
        var required = _fields.Where(f => f.IsRequired).Select(f => (JsonNode)JsonValue.Create(f.Name)).ToArray();
        if (required.Length > 0)
        {
            schema["required"] = new JsonArray(required);
        }

        return schema;
    }

    public override ReadOutcome Read(PolicyNode node, string path, ReadContext context, out T value)
    {
        value = create();
        if (node.Kind != NodeKind.Object)
        {
            return context.WrongType(node, path, Described);
        }

        var worst = ReadOutcome.Read;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, member) in node.Members)
        {
            var outcome = ReadMember(name, member, Pointer.Append(path, name), seen, context, ref value);
            worst = worst == ReadOutcome.Refused ? worst : outcome == ReadOutcome.Read ? worst : outcome;
        }

        // What is left out whole is not asked for more: a later version may have other ways to say it.
        var required = worst == ReadOutcome.Ignored ? [] : _fields.Where(f => f.IsRequired && !seen.Contains(f.Name));
        foreach (var field in required)
        {
            worst = context.Refuse(
                Pointer.Append(path, field.Name),
                ProblemCodes.MissingField,
                $"The field \"{field.Name}\" is required.",
                bound: field.Shape!.Described);
        }

        if (worst == ReadOutcome.Ignored)
        {
            return context.LeaveOut(
                path,
                ProblemCodes.LeftOut,
                "Left out whole, because without the part above it would mean something else.");
        }

        check?.Invoke(value, path, context);
        return worst;
    }

    public override void Write(Utf8JsonWriter writer, T value)
    {
        writer.WriteStartObject();
        foreach (var field in _fields)
        {
            field.Write(writer, value);
        }

        writer.WriteEndObject();
    }

    private ReadOutcome ReadMember(
        string name, PolicyNode member, string path, HashSet<string> seen, ReadContext context, ref T value)
    {
        if (!seen.Add(name))
        {
            return context.Refuse(
                path,
                ProblemCodes.DuplicateField,
                $"The field \"{PolicyNode.Shorten(name)}\" is there twice; keep one.",
                member.Shown());
        }

        if (_fields.Find(f => f.Name == name) is { } field)
        {
            var outcome = field.Read(member, path, context, ref value);

            // A field that is left out leaves the rest of the object as it is, unless the object hangs on it.
            return outcome == ReadOutcome.Ignored && !field.IsEssential ? ReadOutcome.Read : outcome;
        }

        var suggestion = Suggestions.Closest(name, _fields.Select(f => f.Name));
        var unknown = context.NotUnderstood(
            path,
            ProblemCodes.UnknownField,
            $"There is no field \"{PolicyNode.Shorten(name)}\" here{Wording.DidYouMean(suggestion)}",
            member.Shown(),
            suggestion: suggestion);
        return allOrNothing ? unknown : ReadOutcome.Read;
    }
}
