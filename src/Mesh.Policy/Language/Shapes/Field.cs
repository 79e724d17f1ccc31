using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mesh.Policy.Language.Shapes;

/// <summary>
/// One field of an object: its name, what it means, what may stand there and where it goes in the model.
/// </summary>
internal abstract class Field<TSection>(string name, string summary)
{
    public string Name { get; } = name;

    /// <summary>One sentence for the schema and the reference.</summary>
    public string Summary { get; } = summary;

    /// <summary>The built-in default as a document would write it; <see langword="null"/> when there is none.</summary>
    public string? Default { get; init; }

    /// <summary>The object is wrong without it.</summary>
    public bool IsRequired { get; init; }

    /// <summary>
    /// When it is not understood, the whole object is left out, because it would mean something else without.
    /// </summary>
    public bool IsEssential { get; init; }

    /// <summary>What may stand there; <see langword="null"/> for a field that is refused.</summary>
    public abstract Shape? Shape { get; }

    /// <summary>The description of the field in the JSON Schema.</summary>
    public abstract JsonObject ToSchema();

    /// <summary>Reads the field into the section.</summary>
    public abstract ReadOutcome Read(PolicyNode node, string path, ReadContext context, ref TSection section);

    /// <summary>Prints the field unless it is not set.</summary>
    public abstract void Write(Utf8JsonWriter writer, TSection section);
}
