using System.Text.Json.Nodes;

namespace Mesh.Policy.Language.Shapes;

/// <summary>
/// What may stand at one place of a document. The same object reads and checks it, prints it and describes it in the
/// JSON Schema and in the reference, so that these cannot say different things.
/// </summary>
internal abstract class Shape
{
    /// <summary>In words with bounds: <c>a duration from 1ms to 24h</c>.</summary>
    public abstract string Described { get; }

    /// <summary>As JSON Schema.</summary>
    public abstract JsonObject ToSchema();
}
