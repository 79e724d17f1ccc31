using System.Globalization;
using System.Text.Json.Nodes;

namespace Mesh.Policy.Language.Shapes;

/// <summary>One word of <c>retry.on</c>.</summary>
internal sealed class RetryOnShape : TextualShape<string>, IWordsShape
{
    private const string AnyStatus = "<status>";
    private const string AnyGrpc = "grpc:<STATUS>";

    private static readonly string Bound =
        "\"connect\", \"refused\", \"reset\", " +
        "a status \"408\", \"425\", \"429\" or \"500\" to \"599\", or \"grpc:<STATUS>\"";

    public override string Described => Bound;

    public IEnumerable<string> Words => [.. RetryWords.ConditionWords, AnyStatus, AnyGrpc];

    public string? WordOf(string text) =>
        RetryWords.StatusOf(text) > 0 ? AnyStatus : RetryWords.GrpcOf(text) > 0 ? AnyGrpc : text;

    public override JsonObject ToSchema() => new()
    {
        ["type"] = "string",
        ["pattern"] = $"^({string.Join('|', RetryWords.ConditionWords)}|408|425|429|5[0-9][0-9]|" +
                      $"grpc:({string.Join('|', GrpcStatuses.Failures)}))$",
    };

    protected override ReadOutcome ReadText(string text, string path, ReadContext context, out string value)
    {
        value = text;
        if (RetryWords.IsKnown(text))
        {
            return ReadOutcome.Read;
        }

        var suggestion = Suggest(text);
        return context.NotUnderstood(
            path,
            ProblemCodes.UnknownWord,
            $"\"{PolicyNode.Shorten(text)}\" is nothing that can be retried{Wording.DidYouMean(suggestion)}",
            $"\"{PolicyNode.Shorten(text)}\"",
            Bound,
            suggestion);
    }

    protected override string Print(string value) => value;

    protected override string? SuggestFor(PolicyNode node) =>
        node.Kind == NodeKind.Number && RetryWords.StatusOf(node.Text) > 0 ? $"\"{node.Text}\"" : null;

    private static string? Suggest(string text)
    {
        var name = text.StartsWith(RetryWords.GrpcPrefix, StringComparison.OrdinalIgnoreCase) ? text[5..] : text;
        if (name.Length < text.Length &&
            int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var status))
        {
            return status is >= 1 and <= 16 ? RetryWords.GrpcPrefix + GrpcStatuses.NameOf(status) : null;
        }

        var grpc = Suggestions.Closest(name, GrpcStatuses.Failures);
        return Suggestions.Closest(text, RetryWords.Known) ?? (grpc is null ? null : RetryWords.GrpcPrefix + grpc);
    }
}
