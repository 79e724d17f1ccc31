using System.Text.Json.Nodes;

namespace Mesh.Policy.Language.Shapes;

/// <summary>A regular expression that the non-backtracking engine takes.</summary>
internal sealed class RegexShape : TextualShape<string>
{
    public override string Described =>
        $"a regular expression of at most {PolicyLimits.RegexLength} characters, " +
        "without backreferences and lookarounds";

    public override JsonObject ToSchema() => new()
    {
        ["type"] = "string",
        ["minLength"] = 1,
        ["maxLength"] = PolicyLimits.RegexLength,
        ["description"] = Described.ToSentence() + "; it must match as a whole.",
    };

    protected override ReadOutcome ReadText(string text, string path, ReadContext context, out string value)
    {
        value = text;
        if (text.Length is 0 or > PolicyLimits.RegexLength)
        {
            return context.Refuse(
                path,
                ProblemCodes.WrongLength,
                $"A regular expression has 1 to {PolicyLimits.RegexLength} characters, not {text.Length}.",
                $"\"{PolicyNode.Shorten(text)}\"",
                $"1 to {PolicyLimits.RegexLength} characters");
        }

        return PolicyRegex.WhyNot(text) is not { } reason
            ? ReadOutcome.Read
            : context.Refuse(path, ProblemCodes.InvalidRegex, reason, $"\"{PolicyNode.Shorten(text)}\"");
    }

    protected override string Print(string value) => value;
}
