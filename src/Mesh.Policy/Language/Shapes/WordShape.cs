using System.Text.Json.Nodes;

namespace Mesh.Policy.Language.Shapes;

/// <summary>One word of a closed vocabulary. A word of a newer version is not understood rather than wrong.</summary>
internal sealed class WordShape<T>(params (string Word, T Value)[] words) : TextualShape<T>, IWordsShape
    where T : notnull
{
    private readonly string[] _words = [.. words.Select(w => w.Word)];

    public override string Described => Wording.Or([.. _words.Select(w => $"\"{w}\"")]);

    public IEnumerable<string> Words => _words;

    public string? WordOf(string text) => text;

    public override JsonObject ToSchema() =>
        new() { ["enum"] = new JsonArray([.. _words.Select(w => (JsonNode)JsonValue.Create(w))]) };

    protected override ReadOutcome ReadText(string text, string path, ReadContext context, out T value)
    {
        var index = Array.IndexOf(_words, text);
        if (index >= 0)
        {
            value = words[index].Value;
            return ReadOutcome.Read;
        }

        value = default!;
        var suggestion = Suggestions.Closest(text, _words);
        return context.NotUnderstood(
            path,
            ProblemCodes.UnknownWord,
            $"\"{PolicyNode.Shorten(text)}\" is not known here; it must be {Described}{Wording.DidYouMean(suggestion)}",
            $"\"{PolicyNode.Shorten(text)}\"",
            Described,
            suggestion);
    }

    protected override string Print(T value) =>
        words.First(w => EqualityComparer<T>.Default.Equals(w.Value, value)).Word;
}
