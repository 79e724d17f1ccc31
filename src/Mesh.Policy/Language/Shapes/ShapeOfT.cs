using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Mesh.Policy.Language.Shapes;

/// <summary>A shape with the type its value has in the model.</summary>
internal abstract class Shape<T> : Shape
{
    /// <summary>
    /// Reads a value; whatever is wrong with it or left out of it is told to <paramref name="context"/>.
    /// </summary>
    public abstract ReadOutcome Read(PolicyNode node, string path, ReadContext context, [MaybeNull] out T value);

    /// <summary>Prints a value in canonical form.</summary>
    public abstract void Write(Utf8JsonWriter writer, T value);
}
