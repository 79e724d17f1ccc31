namespace Mesh.Policy.Language;

/// <summary>
/// One value of a document as written. A tree of our own, because the platform's either drops duplicate fields or
/// stops at the first one, and an author is to see every mistake at once.
/// </summary>
internal sealed class PolicyNode
{
    private const int LongestShown = 64;

    public required NodeKind Kind { get; init; }

    /// <summary>
    /// The text of a <see cref="NodeKind.Text"/>, the digits of a number, <c>true</c> or <c>false</c>.
    /// </summary>
    public string Text { get; init; } = "";

    /// <summary>The values of a <see cref="NodeKind.List"/>.</summary>
    public IReadOnlyList<PolicyNode> Items { get; init; } = [];

    /// <summary>The fields of a <see cref="NodeKind.Object"/> in order, duplicates included.</summary>
    public IReadOnlyList<KeyValuePair<string, PolicyNode>> Members { get; init; } = [];

    /// <summary>The last field of that name; <see langword="null"/> when there is none.</summary>
    public PolicyNode? Find(string name) => Members.LastOrDefault(m => m.Key == name).Value;

    /// <summary>The value as a problem shows it: on one line and not long.</summary>
    public string Shown() => Kind switch
    {
        NodeKind.Text => $"\"{Shorten(Text)}\"",
        NodeKind.Number or NodeKind.Boolean => Shorten(Text),
        NodeKind.Object => Members.Count == 0 ? "{}" : "{...}",
        NodeKind.List => Items.Count == 0 ? "[]" : "[...]",
        _ => "null",
    };

    /// <summary>The JSON type in words.</summary>
    public string Described() => Kind switch
    {
        NodeKind.Text => "a text",
        NodeKind.Number => "a number",
        NodeKind.Boolean => Text,
        NodeKind.Object => "an object",
        NodeKind.List => "a list",
        _ => "null",
    };

    /// <summary>Cuts a text to what fits a message.</summary>
    public static string Shorten(string text) =>
        text.Length <= LongestShown ? text : string.Concat(text.AsSpan(0, LongestShown - 3), "...");
}
