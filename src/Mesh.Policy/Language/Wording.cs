namespace Mesh.Policy.Language;

/// <summary>Small helpers for messages in one sentence.</summary>
internal static class Wording
{
    /// <summary>With a capital at the beginning.</summary>
    public static string ToSentence(this string text) =>
        text.Length == 0 ? text : char.ToUpperInvariant(text[0]) + text[1..];

    /// <summary><c>; did you mean "x"?</c>, or the full stop when there is nothing to suggest.</summary>
    public static string DidYouMean(string? suggestion) =>
        suggestion is null ? "." : $"; did you mean \"{suggestion}\"?";

    /// <summary><c>a, b or c</c>.</summary>
    public static string Or(IReadOnlyList<string> words) => words.Count switch
    {
        0 => "",
        1 => words[0],
        _ => $"{string.Join(", ", words.Take(words.Count - 1))} or {words[^1]}",
    };
}
