using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Mesh.Consul;

/// <summary>
/// Reads short strings through a small table of recent ones, because an answer with thousands of instances repeats
/// the same tags, metadata, node and check names, and the next answer repeats them again. The table is direct-mapped:
/// a collision replaces, nothing is ever locked or evicted, and its memory is bounded.
/// </summary>
internal sealed class SharedStringConverter : JsonConverter<string>
{
    /// <summary>A power of two, so that a mask finds the slot.</summary>
    private const int Slots = 4096;

    /// <summary>
    /// Longer strings are mostly outputs of checks: rarely repeated, and worth more memory than they save.
    /// </summary>
    private const int MaxShared = 64;

    private static readonly string?[] Table = new string?[Slots];

    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.Null ? null : Share(ref reader);

    public override string ReadAsPropertyName(
        ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Share(ref reader);

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value);

    public override void WriteAsPropertyName(Utf8JsonWriter writer, string value, JsonSerializerOptions options) =>
        writer.WritePropertyName(value);

    private static string Share(ref Utf8JsonReader reader)
    {
        if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.PropertyName) ||
            reader.HasValueSequence || reader.ValueIsEscaped || reader.ValueSpan.Length > MaxShared)
        {
            return reader.GetString()!;
        }

        var utf8 = reader.ValueSpan;
        if (utf8.IsEmpty)
        {
            return "";
        }

        // References are read and written whole, so a race costs a missed sharing and nothing else.
        ref var slot = ref Table[Hash(utf8) & (Slots - 1)];
        if (slot is { } known && Ascii.Equals(utf8, known))
        {
            return known;
        }

        var text = reader.GetString()!;
        slot = text;
        return text;
    }

    private static uint Hash(ReadOnlySpan<byte> utf8)
    {
        // FNV-1a, 32 bit: tiny inputs, no seeding needed because a collision only costs an allocation.
        var hash = 2166136261u;
        foreach (var b in utf8)
        {
            hash = (hash ^ b) * 16777619u;
        }

        return hash ^ (hash >> 15);
    }
}
