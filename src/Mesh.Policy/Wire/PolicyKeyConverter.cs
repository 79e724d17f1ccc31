using System.Text.Json;
using System.Text.Json.Serialization;

namespace Mesh.Policy;

/// <summary>A key on the wire is the string it is in KV, relative to the mesh's prefix.</summary>
internal sealed class PolicyKeyConverter : JsonConverter<PolicyKey>
{
    public override PolicyKey Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.String)
        {
            throw new JsonException($"A policy key is a string, not {reader.TokenType}.");
        }

        return PolicyKey.TryParse(reader.GetString(), out var key, out var reason)
            ? key
            : throw new JsonException(reason);
    }

    public override void Write(Utf8JsonWriter writer, PolicyKey value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}
