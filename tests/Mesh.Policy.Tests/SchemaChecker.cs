using System.Text.Json;
using System.Text.RegularExpressions;

namespace Mesh.Policy.Tests;

/// <summary>
/// As much of JSON Schema as <see cref="PolicySchema"/> uses, written against the specification and not against our
/// shapes, so that the generated schema is judged by something that does not share their mistakes.
/// </summary>
internal static class SchemaChecker
{
    private static readonly HashSet<string> Annotations =
        ["$schema", "title", "description", "examples", "format", "x-minimum", "x-maximum"];

    public static bool Accepts(JsonElement schema, JsonElement value)
    {
        if (schema.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            return schema.ValueKind == JsonValueKind.True;
        }

        return schema.EnumerateObject().All(keyword => Holds(keyword.Name, keyword.Value, schema, value));
    }

    private static bool Holds(string keyword, JsonElement argument, JsonElement schema, JsonElement value) => keyword switch
    {
        "type" => IsOfType(argument.GetString()!, value),
        "const" => JsonElement.DeepEquals(argument, value),
        "enum" => argument.EnumerateArray().Any(e => JsonElement.DeepEquals(e, value)),
        "anyOf" => argument.EnumerateArray().Any(e => Accepts(e, value)),
        "not" => !Accepts(argument, value),
        "pattern" => value.ValueKind != JsonValueKind.String || Regex.IsMatch(value.GetString()!, argument.GetString()!),
        "minLength" => value.ValueKind != JsonValueKind.String || value.GetString()!.Length >= argument.GetInt32(),
        "maxLength" => value.ValueKind != JsonValueKind.String || value.GetString()!.Length <= argument.GetInt32(),
        "minimum" => value.ValueKind != JsonValueKind.Number || value.GetDouble() >= argument.GetDouble(),
        "maximum" => value.ValueKind != JsonValueKind.Number || value.GetDouble() <= argument.GetDouble(),
        "minItems" => value.ValueKind != JsonValueKind.Array || value.GetArrayLength() >= argument.GetInt32(),
        "maxItems" => value.ValueKind != JsonValueKind.Array || value.GetArrayLength() <= argument.GetInt32(),
        "items" => value.ValueKind != JsonValueKind.Array || value.EnumerateArray().All(i => Accepts(argument, i)),
        _ => value.ValueKind != JsonValueKind.Object || HoldsForObject(keyword, argument, schema, value),
    };

    private static bool HoldsForObject(string keyword, JsonElement argument, JsonElement schema, JsonElement value) =>
        keyword switch
        {
            "properties" => value.EnumerateObject()
                .All(m => !argument.TryGetProperty(m.Name, out var property) || Accepts(property, m.Value)),
            "additionalProperties" => value.EnumerateObject().All(m => IsDeclared(schema, m.Name) || Accepts(argument, m.Value)),
            "propertyNames" => value.EnumerateObject()
                .All(m => Accepts(argument, JsonSerializer.SerializeToElement(m.Name))),
            "required" => argument.EnumerateArray().All(n => value.TryGetProperty(n.GetString()!, out _)),
            "minProperties" => value.EnumerateObject().Count() >= argument.GetInt32(),
            "maxProperties" => value.EnumerateObject().Count() <= argument.GetInt32(),
            _ => Annotations.Contains(keyword)
                ? true
                : throw new NotSupportedException($"The schema uses \"{keyword}\", which this checker does not know."),
        };

    private static bool IsDeclared(JsonElement schema, string name) =>
        schema.TryGetProperty("properties", out var properties) && properties.TryGetProperty(name, out _);

    private static bool IsOfType(string type, JsonElement value) => type switch
    {
        "object" => value.ValueKind == JsonValueKind.Object,
        "array" => value.ValueKind == JsonValueKind.Array,
        "string" => value.ValueKind == JsonValueKind.String,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
        _ => throw new NotSupportedException($"The schema uses type \"{type}\", which this checker does not know."),
    };
}
