using System.Text.Json.Nodes;

namespace Mesh.Policy.Language.Shapes;

/// <summary>A duration within bounds, both inclusive.</summary>
internal sealed class DurationShape(TimeSpan min, TimeSpan max) : TextualShape<TimeSpan>
{
    private readonly string _bound = $"{Durations.Format(min)} to {Durations.Format(max)}";

    public override string Described => $"a duration from {_bound}";

    public override JsonObject ToSchema() => new()
    {
        ["type"] = "string",
        ["pattern"] = Durations.Pattern,
        ["description"] = Described.ToSentence() + ".",
        ["x-minimum"] = Durations.Format(min),
        ["x-maximum"] = Durations.Format(max),
    };

    protected override ReadOutcome ReadText(string text, string path, ReadContext context, out TimeSpan value)
    {
        if (!Durations.TryParse(text, out value))
        {
            var suggestion = Durations.Suggest(text);
            return context.Refuse(
                path,
                ProblemCodes.InvalidFormat,
                $"A duration is a whole number and ms, s, m or h{Wording.DidYouMean(suggestion)}",
                $"\"{PolicyNode.Shorten(text)}\"",
                _bound,
                suggestion);
        }

        return value >= min && value <= max
            ? ReadOutcome.Read
            : context.Refuse(
                path, ProblemCodes.OutOfRange, $"The duration must be from {_bound}.", $"\"{text}\"", _bound);
    }

    protected override string Print(TimeSpan value) => Durations.Format(value);
}
