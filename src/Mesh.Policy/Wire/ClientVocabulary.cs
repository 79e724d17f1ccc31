namespace Mesh.Policy;

/// <summary>What a client understands of documents: see <see cref="PolicyVocabulary"/>.</summary>
public sealed record ClientVocabulary
{
    /// <summary>The newest schema of documents it reads without leaving anything out for that alone.</summary>
    public required int Schema { get; init; }

    /// <summary>Fields and words by name: <see cref="PolicyTerm.Name"/>.</summary>
    public IReadOnlyList<string> Terms { get; init => field = value ?? []; } = [];
}
