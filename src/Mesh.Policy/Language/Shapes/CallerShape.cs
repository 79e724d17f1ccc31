using System.Text.Json.Nodes;

namespace Mesh.Policy.Language.Shapes;

/// <summary>Who calls: a service, a SPIFFE ID, all below one, or anybody with an identity.</summary>
internal sealed class CallerShape : TextualShape<string>
{
    private const string Anybody = "*";
    private const string Scheme = "spiffe://";
    private const int MaxLength = 2048;

    private const string Id = "spiffe://[a-z0-9._-]+(/[A-Za-z0-9._-]+)*(/\\*)?";

    public override string Described =>
        "a service, a SPIFFE ID (\"/*\" at its end takes all below it) or \"*\"";

    public override JsonObject ToSchema() => new()
    {
        ["type"] = "string",
        ["minLength"] = 1,
        ["maxLength"] = MaxLength,
        ["pattern"] = $"^(\\*|[a-z0-9][a-z0-9_.-]*|{Id})$",
        ["description"] = Described.ToSentence() + ".",
    };

    protected override ReadOutcome ReadText(string text, string path, ReadContext context, out string value)
    {
        value = text;
        if (IsCaller(text))
        {
            return ReadOutcome.Read;
        }

        var suggestion = Suggest(text);
        return context.Refuse(
            path,
            ProblemCodes.InvalidFormat,
            $"A caller must be {Described}, not \"{PolicyNode.Shorten(text)}\"{Wording.DidYouMean(suggestion)}",
            $"\"{PolicyNode.Shorten(text)}\"",
            Described,
            suggestion);
    }

    protected override string Print(string value) => value;

    private static bool IsCaller(string text) => text == Anybody || Names.IsService(text) || IsId(text);

    private static bool IsId(string text)
    {
        if (text.Length > MaxLength || !text.StartsWith(Scheme, StringComparison.Ordinal))
        {
            return false;
        }

        var steps = text[Scheme.Length..].Split('/');
        var last = steps[^1] == Anybody ? steps.Length - 1 : steps.Length;
        return last > 0 && steps.Length > 1 &&
            IsTrustDomain(steps[0]) && steps.Take(last).Skip(1).All(IsSegment);
    }

    private static bool IsTrustDomain(string text) =>
        text.Length > 0 &&
        text.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '.' or '-' or '_');

    private static bool IsSegment(string text) =>
        text.Length > 0 && text is not ("." or "..") &&
        text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_');

    private static string? Suggest(string text)
    {
        var trimmed = text.Trim();
        if (trimmed.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            var rest = trimmed[Scheme.Length..].TrimEnd('/');
            var slash = rest.IndexOf('/', StringComparison.Ordinal);
            var (domain, path) = slash < 0 ? (rest, "/*") : (rest[..slash], rest[slash..]);
            var id = Scheme + domain.ToLowerInvariant() + path;
            return IsId(id) ? id : null;
        }

        return Names.IsService(trimmed.ToLowerInvariant()) ? trimmed.ToLowerInvariant() : null;
    }
}
