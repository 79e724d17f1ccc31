using System.Text.Json.Nodes;

namespace Mesh.Policy.Language.Shapes;

/// <summary>A built-in balancing algorithm or one the application registered under a name.</summary>
internal sealed class AlgorithmShape : TextualShape<string>, IWordsShape
{
    private const string CustomPrefix = "custom:";

    private static readonly string[] BuiltIn = ["peak-ewma", "least-request", "round-robin", "random"];

    public override string Described => Wording.Or([.. BuiltIn.Select(w => $"\"{w}\""), "\"custom:<name>\""]);

    public IEnumerable<string> Words => BuiltIn;

    public string? WordOf(string text) => text;

    public override JsonObject ToSchema() => new()
    {
        ["type"] = "string",
        ["pattern"] = $"^({string.Join('|', BuiltIn)}|custom:[A-Za-z0-9][A-Za-z0-9_.-]*)$",
        ["examples"] = new JsonArray([.. BuiltIn.Select(w => (JsonNode)JsonValue.Create(w))]),
    };

    protected override ReadOutcome ReadText(string text, string path, ReadContext context, out string value)
    {
        value = text;
        if (BuiltIn.Contains(text) ||
            (text.StartsWith(CustomPrefix, StringComparison.Ordinal) && Names.IsLabel(text[CustomPrefix.Length..])))
        {
            return ReadOutcome.Read;
        }

        var suggestion = Suggestions.Closest(text, BuiltIn);
        return context.NotUnderstood(
            path,
            ProblemCodes.UnknownWord,
            $"There is no balancing algorithm \"{PolicyNode.Shorten(text)}\"; it must be {Described}" +
            Wording.DidYouMean(suggestion),
            $"\"{PolicyNode.Shorten(text)}\"",
            Described,
            suggestion);
    }

    protected override string Print(string value) => value;
}
