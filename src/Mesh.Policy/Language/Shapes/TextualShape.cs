using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Mesh.Policy.Language.Shapes;

/// <summary>A value that is written as a JSON string.</summary>
internal abstract class TextualShape<T> : Shape<T>
    where T : notnull
{
    public sealed override ReadOutcome Read(
        PolicyNode node, string path, ReadContext context, [MaybeNull] out T value)
    {
        if (node.Kind == NodeKind.Text)
        {
            return ReadText(node.Text, path, context, out value);
        }

        value = default;
        return context.WrongType(node, path, Described, SuggestFor(node));
    }

    public sealed override void Write(Utf8JsonWriter writer, T value) => writer.WriteStringValue(Print(value));

    protected abstract ReadOutcome ReadText(string text, string path, ReadContext context, [MaybeNull] out T value);

    protected abstract string Print(T value);

    /// <summary>What was probably meant by a value that is no string.</summary>
    protected virtual string? SuggestFor(PolicyNode node) => null;
}
