namespace Mesh.Policy.Language.Shapes;

/// <summary>A list or map whose good entries are looked at further although another entry was refused.</summary>
/// <remarks>
/// The document is refused all the same; but the author is to see at once that two routes have one name and that a
/// third has a bad timeout.
/// </remarks>
internal interface IPartialShape
{
    bool KeepsRest { get; }
}
