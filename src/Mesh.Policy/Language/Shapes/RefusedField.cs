using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mesh.Policy.Language.Shapes;

/// <summary>
/// A field that the language knows but that has no effect here: it comes with a later version, or belongs elsewhere.
/// Authors are told so; clients leave it out.
/// </summary>
internal sealed class RefusedField<TSection>(string name, string code, string summary, string message)
    : Field<TSection>(name, summary)
{
    public override Shape? Shape => null;

    public string Code => code;

    public override JsonObject ToSchema() => new()
    {
        ["not"] = new JsonObject(),
        ["description"] = $"{Summary} {message}",
    };

    public override ReadOutcome Read(PolicyNode node, string path, ReadContext context, ref TSection section) =>
        context.NotUnderstood(path, code, message, node.Shown());

    public override void Write(Utf8JsonWriter writer, TSection section)
    {
    }
}
