using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Mesh.Policy;

/// <summary>
/// Writes an enumeration as a word and reads a word of a newer version as the value 0, because an older reader must
/// not fail on one.
/// </summary>
internal sealed class WireWordConverter<TEnum, TWords> : JsonConverter<TEnum>
    where TEnum : struct, Enum
    where TWords : struct, IWireWords<TEnum>
{
    public override TEnum Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.String)
        {
            throw new JsonException($"A word was expected, not {reader.TokenType}.");
        }

        var index = Math.Max(0, Array.IndexOf(TWords.Words, reader.GetString()));
        return Unsafe.BitCast<int, TEnum>(index);
    }

    public override void Write(Utf8JsonWriter writer, TEnum value, JsonSerializerOptions options) =>
        writer.WriteStringValue(TWords.Words[Unsafe.BitCast<TEnum, int>(value)]);
}
