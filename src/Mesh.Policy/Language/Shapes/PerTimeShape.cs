using System.Globalization;
using System.Text.Json.Nodes;

namespace Mesh.Policy.Language.Shapes;

/// <summary>An amount per time: <c>"3 per 10s"</c>.</summary>
/// <param name="noun">What is counted.</param>
/// <param name="form">One sentence with an example, for whoever wrote something else.</param>
/// <param name="count">Least and most, both inclusive.</param>
/// <param name="window">Shortest and longest time, both inclusive.</param>
/// <param name="make">The value in the model.</param>
/// <param name="parts">Its parts.</param>
internal sealed class PerTimeShape<T>(
    string noun,
    string form,
    (int Min, int Max) count,
    (TimeSpan Min, TimeSpan Max) window,
    Func<int, TimeSpan, T> make,
    Func<T, (int Count, TimeSpan Window)> parts)
    : TextualShape<T>
    where T : struct
{
    private readonly string _bound = string.Create(
        CultureInfo.InvariantCulture,
        $"{count.Min} to {count.Max} per {Durations.Format(window.Min)} to {Durations.Format(window.Max)}");

    public override string Described => $"{noun} per time, {_bound}";

    public override JsonObject ToSchema() => new()
    {
        ["type"] = "string",
        ["pattern"] = "^[0-9]{1,9} per [0-9]{1,12}(ms|s|m|h)$",
        ["description"] = Described.ToSentence() + ".",
    };

    protected override ReadOutcome ReadText(string text, string path, ReadContext context, out T value)
    {
        value = default;
        if (text.Split(" per ") is not [var amount, var time] || amount.Length > 9 ||
            !int.TryParse(amount, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ||
            !Durations.TryParse(time, out var duration))
        {
            var suggestion = Suggest(text);
            return context.Refuse(
                path,
                ProblemCodes.InvalidFormat,
                suggestion is null ? form : form.TrimEnd('.') + Wording.DidYouMean(suggestion),
                $"\"{PolicyNode.Shorten(text)}\"",
                _bound,
                suggestion);
        }

        value = make(number, duration);
        return number >= count.Min && number <= count.Max && duration >= window.Min && duration <= window.Max
            ? ReadOutcome.Read
            : context.Refuse(
                path,
                ProblemCodes.OutOfRange,
                $"The value must be from {_bound}.",
                $"\"{PolicyNode.Shorten(text)}\"",
                _bound);
    }

    protected override string Print(T value) => string.Create(
        CultureInfo.InvariantCulture, $"{parts(value).Count} per {Durations.Format(parts(value).Window)}");

    /// <summary>What other gateways write: <c>100/s</c>, <c>5r/m</c>.</summary>
    private static string? Suggest(string text)
    {
        if (text.Split('/', StringSplitOptions.TrimEntries) is not [var amount, ("s" or "m" or "h") and var unit])
        {
            return null;
        }

        var digits = amount.TrimEnd('r', ' ');
        return digits.Length is > 0 and <= 9 && digits.All(char.IsAsciiDigit) ? $"{digits} per 1{unit}" : null;
    }
}
