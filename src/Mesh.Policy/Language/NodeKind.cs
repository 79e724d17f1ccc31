namespace Mesh.Policy.Language;

/// <summary>The JSON type of a <see cref="PolicyNode"/>.</summary>
internal enum NodeKind
{
    Null,
    Boolean,
    Number,
    Text,
    List,
    Object,
}
