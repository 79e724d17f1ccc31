using System.Reflection;
using System.Text.Json;

namespace Mesh.Client.Hosting;

/// <summary>
/// What section <c>Mesh</c> may hold, as one package knows it: the schema that it also gives to editors.
/// </summary>
/// <param name="Section">The JSON schema of the section.</param>
internal sealed record MeshSettingsSchema(JsonElement Section)
{
    /// <summary>The name under which a package embeds its schema.</summary>
    public const string Resource = "ConfigurationSchema.json";

    /// <summary>Reads the schema of a package.</summary>
    public static MeshSettingsSchema Of(Assembly package)
    {
        using var stream = package.GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"{package.GetName().Name} has no resource {Resource}.");
        using var document = JsonDocument.Parse(stream);
        return new(document.RootElement.GetProperty("properties").GetProperty("Mesh").Clone());
    }
}
