using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mesh.Policy.Language.Shapes;

/// <summary>A whole number within bounds, both inclusive.</summary>
internal sealed class IntegerShape(int min, int max) : Shape<int>
{
    private readonly string _bound = string.Create(CultureInfo.InvariantCulture, $"{min} to {max}");

    public override string Described => $"a whole number from {_bound}";

    public override JsonObject ToSchema() => new() { ["type"] = "integer", ["minimum"] = min, ["maximum"] = max };

    public override ReadOutcome Read(PolicyNode node, string path, ReadContext context, out int value)
    {
        value = 0;
        if (node.Kind != NodeKind.Number)
        {
            var isNumber = node.Kind == NodeKind.Text && int.TryParse(node.Text, CultureInfo.InvariantCulture, out _);
            return context.WrongType(node, path, Described, isNumber ? node.Text : null);
        }

        if (int.TryParse(node.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value) &&
            value >= min && value <= max)
        {
            return ReadOutcome.Read;
        }

        return context.Refuse(
            path, ProblemCodes.OutOfRange, $"The value must be a whole number from {_bound}.", node.Shown(), _bound);
    }

    public override void Write(Utf8JsonWriter writer, int value) => writer.WriteNumberValue(value);
}
