using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mesh.Policy.Language.Shapes;

/// <summary>The number of the language's version.</summary>
internal sealed class SchemaVersionShape : Shape<int>
{
    private static readonly string Bound = $"{TrafficDocument.CurrentSchema}";

    public override string Described => $"the number {TrafficDocument.CurrentSchema}";

    public override JsonObject ToSchema() => new() { ["const"] = TrafficDocument.CurrentSchema };

    public override ReadOutcome Read(PolicyNode node, string path, ReadContext context, out int value)
    {
        value = 0;
        if (node.Kind != NodeKind.Number)
        {
            return context.WrongType(node, path, Described);
        }

        if (int.TryParse(node.Text, NumberStyles.None, CultureInfo.InvariantCulture, out value) &&
            value == TrafficDocument.CurrentSchema)
        {
            return ReadOutcome.Read;
        }

        var message = $"This version reads schema {TrafficDocument.CurrentSchema}; the document says {node.Shown()}.";
        return context.IsOfLaterSchema
            ? context.LeaveOut(
                path, ProblemCodes.SchemaVersion, message + " What is understood of it applies.", node.Shown(), Bound)
            : context.Refuse(path, ProblemCodes.SchemaVersion, message, node.Shown(), Bound);
    }

    public override void Write(Utf8JsonWriter writer, int value) => writer.WriteNumberValue(value);
}
