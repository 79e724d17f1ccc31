using System.Text.Json;

namespace Mesh.Policy.Tests;

/// <summary>
/// The path of every value of a policy, found from what is printed of it rather than from its origins.
/// </summary>
internal static class EffectivePaths
{
    public static void ShouldEqualOrigins(EffectivePolicy policy)
    {
        using var json = JsonDocument.Parse(PolicyWriter.Write(policy));
        var paths = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var section in json.RootElement.EnumerateObject())
        {
            switch (section.Name)
            {
                case "service" or "origins":
                    break;
                case "subsets":
                    paths.UnionWith(section.Value.EnumerateObject().Select(s => $"/subsets/{s.Name}"));
                    break;
                case "routes":
                    foreach (var route in section.Value.EnumerateArray())
                    {
                        AddRoute(route, paths);
                    }

                    break;
                default:
                    AddLeaves(section.Value, $"/{section.Name}", paths);
                    break;
            }
        }

        Assert.Equal(paths, policy.Origins.Keys.Order(StringComparer.Ordinal));
    }

    private static void AddRoute(JsonElement route, SortedSet<string> paths)
    {
        var path = $"/routes/{route.GetProperty("name").GetString()}";
        paths.Add($"{path}/match");
        paths.Add($"{path}/split");
        foreach (var section in new[] { "timeout", "retry" })
        {
            AddLeaves(route.GetProperty(section), $"{path}/{section}", paths);

            // What routes inherit has an origin too.
            AddLeaves(route.GetProperty(section), $"/{section}", paths);
        }
    }

    private static void AddLeaves(JsonElement value, string path, SortedSet<string> paths)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            paths.Add(path);
            return;
        }

        foreach (var member in value.EnumerateObject())
        {
            AddLeaves(member.Value, $"{path}/{member.Name}", paths);
        }
    }
}
