using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mesh.Policy.Language.Shapes;

/// <summary>A field with a place in the model.</summary>
/// <param name="name">Its name.</param>
/// <param name="shape">What may stand there.</param>
/// <param name="summary">What it means.</param>
/// <param name="get">The value in the model; <see langword="null"/> when it is not set.</param>
/// <param name="set">The section with the value.</param>
internal sealed class ValueField<TSection, TValue>(
    string name, Shape<TValue> shape, string summary, Func<TSection, object?> get, Func<TSection, TValue, TSection> set)
    : Field<TSection>(name, summary)
{
    public override Shape Shape => shape;

    public override JsonObject ToSchema()
    {
        var schema = shape.ToSchema();
        var details = (string?)schema["description"];
        schema["description"] = details is null ? Summary : $"{Summary} {details}";
        if (Default is not null)
        {
            schema["description"] += $" Default: {Default}.";
        }

        return schema;
    }

    public override ReadOutcome Read(PolicyNode node, string path, ReadContext context, ref TSection section)
    {
        var outcome = shape.Read(node, path, context, out var value);
        if (outcome == ReadOutcome.Read ||
            (outcome == ReadOutcome.Refused && shape is IPartialShape { KeepsRest: true }))
        {
            section = set(section, value!);
        }

        return outcome;
    }

    public override void Write(Utf8JsonWriter writer, TSection section)
    {
        if (get(section) is { } value)
        {
            writer.WritePropertyName(Name);
            shape.Write(writer, (TValue)value);
        }
    }
}
