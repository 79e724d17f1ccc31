using System.Globalization;
using System.Text.Json.Nodes;

namespace Mesh.Policy.Language.Shapes;

/// <summary>Retries per time: <c>"3 per 10s"</c>.</summary>
internal sealed class BudgetFloorShape(int maxCount, TimeSpan minWindow, TimeSpan maxWindow) : TextualShape<BudgetFloor>
{
    private readonly string _bound = string.Create(
        CultureInfo.InvariantCulture,
        $"0 to {maxCount} per {Durations.Format(minWindow)} to {Durations.Format(maxWindow)}");

    public override string Described => $"a number of retries per time, {_bound}";

    public override JsonObject ToSchema() => new()
    {
        ["type"] = "string",
        ["pattern"] = "^[0-9]{1,9} per [0-9]{1,12}(ms|s|m|h)$",
        ["description"] = Described.ToSentence() + ".",
    };

    protected override ReadOutcome ReadText(string text, string path, ReadContext context, out BudgetFloor value)
    {
        value = default;
        if (text.Split(" per ") is not [var count, var window] || count.Length > 9 ||
            !int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ||
            !Durations.TryParse(window, out var duration))
        {
            return context.Refuse(
                path,
                ProblemCodes.InvalidFormat,
                "A budget's floor is a number of retries per time: \"3 per 10s\".",
                $"\"{PolicyNode.Shorten(text)}\"",
                _bound);
        }

        value = new BudgetFloor(number, duration);
        return number <= maxCount && duration >= minWindow && duration <= maxWindow
            ? ReadOutcome.Read
            : context.Refuse(
                path, ProblemCodes.OutOfRange, $"The floor must be from {_bound}.", $"\"{text}\"", _bound);
    }

    protected override string Print(BudgetFloor value) =>
        string.Create(CultureInfo.InvariantCulture, $"{value.Count} per {Durations.Format(value.Window)}");
}
