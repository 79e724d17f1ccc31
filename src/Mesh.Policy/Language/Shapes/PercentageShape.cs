using System.Globalization;
using System.Text.Json.Nodes;

namespace Mesh.Policy.Language.Shapes;

/// <summary>A percentage with at most two decimals, within bounds, both inclusive.</summary>
internal sealed class PercentageShape(int minParts, int maxParts) : TextualShape<Percentage>
{
    private readonly string _bound = $"{new Percentage(minParts)} to {new Percentage(maxParts)}";

    public override string Described => $"a percentage from {_bound}";

    public override JsonObject ToSchema() => new()
    {
        ["type"] = "string",
        ["pattern"] = @"^[0-9]{1,6}(\.[0-9]{1,2})?%$",
        ["description"] = Described.ToSentence() + ".",
        ["x-minimum"] = new Percentage(minParts).ToString(),
        ["x-maximum"] = new Percentage(maxParts).ToString(),
    };

    protected override ReadOutcome ReadText(string text, string path, ReadContext context, out Percentage value)
    {
        value = default;
        if (!TryParse(text, out var percent))
        {
            var compact = text.Replace(" ", "", StringComparison.Ordinal).TrimEnd('%') + "%";
            var suggestion = TryParse(compact, out _) ? compact : null;
            return context.Refuse(
                path,
                ProblemCodes.InvalidFormat,
                $"A percentage is a number with at most two decimals and a percent sign" +
                Wording.DidYouMean(suggestion),
                $"\"{PolicyNode.Shorten(text)}\"",
                _bound,
                suggestion);
        }

        value = new Percentage((int)(percent * 100));
        return value.Parts >= minParts && value.Parts <= maxParts
            ? ReadOutcome.Read
            : context.Refuse(
                path, ProblemCodes.OutOfRange, $"The percentage must be from {_bound}.", $"\"{text}\"", _bound);
    }

    protected override string Print(Percentage value) => value.ToString();

    /// <summary>0.2 was a ratio in its author's mind, 20 a percentage.</summary>
    protected override string? SuggestFor(PolicyNode node)
    {
        if (node.Kind != NodeKind.Number || !TryParse(node.Text + "%", out var percent))
        {
            return null;
        }

        return percent is > 0 and < 1 ? new Percentage((int)(percent * SplitRule.Whole)).ToString() : node.Text + "%";
    }

    private static bool TryParse(string text, out decimal percent)
    {
        percent = 0;
        if (text.Length is < 2 or > 10 || text[^1] != '%')
        {
            return false;
        }

        var number = text.AsSpan(0, text.Length - 1);
        var point = number.IndexOf('.');
        var whole = point < 0 ? number : number[..point];
        var decimals = point < 0 ? [] : number[(point + 1)..];
        return whole.Length is >= 1 and <= 6 && (point < 0 || decimals.Length is 1 or 2) &&
               !whole.ContainsAnyExceptInRange('0', '9') && !decimals.ContainsAnyExceptInRange('0', '9') &&
               decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out percent);
    }
}
