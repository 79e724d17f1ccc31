using System.Text.Json.Nodes;

namespace Mesh.Policy.Language.Shapes;

/// <summary>Free text of bounded length, optionally with a rule on what it may contain.</summary>
internal sealed class TextShape(string noun, int maxLength, TextRule? rule = null) : TextualShape<string>
{
    public override string Described =>
        $"{noun} of at most {maxLength} characters{(rule is null ? "" : $" ({rule.Described})")}";

    public override JsonObject ToSchema()
    {
        var schema = new JsonObject { ["type"] = "string", ["minLength"] = 1, ["maxLength"] = maxLength };
        if (rule is not null)
        {
            schema["pattern"] = rule.Pattern;
            schema["description"] = Described.ToSentence() + ".";
        }

        return schema;
    }

    protected override ReadOutcome ReadText(string text, string path, ReadContext context, out string value)
    {
        value = text;
        if (text.Length == 0 || text.Length > maxLength)
        {
            return context.Refuse(
                path,
                ProblemCodes.WrongLength,
                $"{noun.ToSentence()} has 1 to {maxLength} characters, not {text.Length}.",
                $"\"{PolicyNode.Shorten(text)}\"",
                $"1 to {maxLength} characters");
        }

        if (rule is null || rule.Allows(text))
        {
            return ReadOutcome.Read;
        }

        var suggestion = rule.Suggest?.Invoke(text);
        return context.Refuse(
            path,
            ProblemCodes.InvalidFormat,
            $"{noun.ToSentence()} must be written with {rule.Described}{Wording.DidYouMean(suggestion)}",
            $"\"{PolicyNode.Shorten(text)}\"",
            rule.Described,
            suggestion);
    }

    protected override string Print(string value) => value;
}
