using Microsoft.Extensions.Configuration;

namespace Mesh.Client.Hosting;

/// <summary>
/// A section of the configuration in the form that the platform's binder reads, with every value it could not read as a
/// problem: durations are written alike in all sections of the mesh.
/// </summary>
internal static class ReadableSettings
{
    /// <summary>Copies a section; values that cannot be read are left out and described.</summary>
    /// <param name="section">The section.</param>
    /// <param name="kinds">Its settings that are not plain text, by path.</param>
    /// <param name="problems">Gets one sentence for each value that cannot be read.</param>
    public static IConfiguration From(
        IConfigurationSection section, IReadOnlyDictionary<string, MeshSettingKind> kinds, ICollection<string> problems)
    {
        var readable = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (var (path, value) in section.AsEnumerable(makePathsRelative: true))
        {
            if (!kinds.TryGetValue(path, out var kind))
            {
                if (value is not null)
                {
                    readable[path] = value;
                }
            }
            else if (string.IsNullOrWhiteSpace(value))
            {
                readable[path] = value; // Whether there may be none is the binder's to say.
            }
            else if (MeshSettingReader.TryRead(kind, value, out var text, out var expected))
            {
                readable[path] = text;
            }
            else
            {
                problems.Add($"{section.Path}:{path} is '{value}'; write {expected}.");
            }
        }

        return new ConfigurationBuilder().AddInMemoryCollection(readable).Build();
    }
}
