using Mesh.Policy.Language.Shapes;

namespace Mesh.Policy.Language;

/// <summary>One field as the reference shows it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Summary">What it means.</param>
/// <param name="Shape">What may stand there; <see langword="null"/> when it is refused.</param>
/// <param name="Default">The built-in default.</param>
/// <param name="IsRequired">The object is wrong without it.</param>
/// <param name="Refusal">The code with which it is refused.</param>
internal sealed record FieldRow(
    string Name, string Summary, Shape? Shape, string? Default, bool IsRequired, string? Refusal);
