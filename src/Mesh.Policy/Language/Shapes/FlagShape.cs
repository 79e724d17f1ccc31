using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mesh.Policy.Language.Shapes;

/// <summary>True or false.</summary>
internal sealed class FlagShape : Shape<bool>
{
    public override string Described => "true or false";

    public override JsonObject ToSchema() => new() { ["type"] = "boolean" };

    public override ReadOutcome Read(PolicyNode node, string path, ReadContext context, out bool value)
    {
        value = node is { Kind: NodeKind.Boolean, Text: "true" };
        if (node.Kind == NodeKind.Boolean)
        {
            return ReadOutcome.Read;
        }

        var meant = node.Kind != NodeKind.Text ? null : node.Text.ToLowerInvariant() switch
        {
            "true" or "yes" or "on" => "true",
            "false" or "no" or "off" => "false",
            _ => null,
        };
        return context.WrongType(node, path, Described, meant);
    }

    public override void Write(Utf8JsonWriter writer, bool value) => writer.WriteBooleanValue(value);
}
