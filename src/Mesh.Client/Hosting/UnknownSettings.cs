using System.Text.Json;
using Mesh.Policy.Language;
using Microsoft.Extensions.Configuration;

namespace Mesh.Client.Hosting;

/// <summary>Keys of a section that no package knows: mistyped, as a rule, and without effect.</summary>
internal static class UnknownSettings
{
    /// <summary>Sections of packages that this process need not have: a file of settings may serve several programs.</summary>
    private static readonly string[] OfOtherPackages = ["Server", "OpenTelemetry"];

    /// <summary>Finds them, each by its first part that is unknown, with the nearest known key where there is one.</summary>
    /// <param name="section">Section <c>Mesh</c>, whatever its name.</param>
    /// <param name="schemas">What the packages of this process know.</param>
    public static IReadOnlyList<(string Key, string? Nearest)> Find(
        IConfigurationSection section, IReadOnlyCollection<MeshSettingsSchema> schemas)
    {
        var found = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (var (path, value) in section.AsEnumerable(makePathsRelative: true))
        {
            if (value is not null && Unknown(path, schemas) is var (key, nearest))
            {
                found.TryAdd($"{section.Path}:{key}", nearest is null ? null : $"{section.Path}:{nearest}");
            }
        }

        return [.. found.OrderBy(f => f.Key, StringComparer.OrdinalIgnoreCase).Select(f => (f.Key, f.Value))];
    }

    private static (string Key, string? Nearest)? Unknown(string path, IReadOnlyCollection<MeshSettingsSchema> schemas)
    {
        var parts = path.Split(':');
        JsonElement[] here = [.. schemas.Select(s => s.Section)];
        for (var depth = 0; depth < parts.Length; depth++)
        {
            JsonElement[] next = [.. here.SelectMany(schema => Below(schema, parts[depth]))];
            if (next.Length == 0)
            {
                if (depth == 0 && OfOtherPackages.Contains(parts[0], StringComparer.OrdinalIgnoreCase))
                {
                    return null;
                }

                var before = parts[..depth];
                var nearest = Suggestions.Closest(parts[depth], here.SelectMany(Names));
                return (string.Join(':', [.. before, parts[depth]]),
                    nearest is null ? null : string.Join(':', [.. before, nearest]));
            }

            here = next;
        }

        return null;
    }

    private static IEnumerable<JsonElement> Below(JsonElement schema, string part)
    {
        if (schema.TryGetProperty("properties", out var properties))
        {
            foreach (var property in properties.EnumerateObject())
            {
                if (property.Name.Equals(part, StringComparison.OrdinalIgnoreCase))
                {
                    yield return property.Value;
                }
            }
        }

        foreach (var any in new[] { "additionalProperties", "items" })
        {
            if (schema.TryGetProperty(any, out var below) && below.ValueKind == JsonValueKind.Object)
            {
                yield return below;
            }
        }
    }

    private static IEnumerable<string> Names(JsonElement schema) =>
        schema.TryGetProperty("properties", out var properties)
            ? properties.EnumerateObject().Select(p => p.Name)
            : [];
}
