namespace Mesh.Policy.Language.Shapes;

/// <summary>A shape of words, of which a later version may know more.</summary>
internal interface IWordsShape
{
    /// <summary>The words, or one for each family of them.</summary>
    IEnumerable<string> Words { get; }

    /// <summary>
    /// The entry of <see cref="Words"/> that a text belongs to, the text itself when there is none;
    /// <see langword="null"/> where texts are no words, but the names of fields are.
    /// </summary>
    string? WordOf(string text);
}
