using System.Text.Json;
using System.Text.Json.Nodes;
using Mesh.ConfigServer.Wire;

namespace Mesh.ConfigServer.History;

/// <summary>What differs between two documents, by place.</summary>
internal static class DocumentDiff
{
    private static readonly JsonDocumentOptions Lenient = new()
    {
        CommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
    };

    /// <summary>The differences in the order of the older document, then of what the newer one adds.</summary>
    public static IReadOnlyList<DiffChangeWire> Between(ReadOnlyMemory<byte> before, ReadOnlyMemory<byte> after)
    {
        var changes = new List<DiffChangeWire>();
        Compare("", JsonNode.Parse(before.Span, null, Lenient), JsonNode.Parse(after.Span, null, Lenient), changes);
        return changes;
    }

    private static void Compare(string path, JsonNode? before, JsonNode? after, List<DiffChangeWire> changes)
    {
        if (before is JsonObject left && after is JsonObject right)
        {
            CompareMembers(path, Members(left), Members(right), changes);
        }
        else if (before is JsonArray a && after is JsonArray b && Named(a) is { } one && Named(b) is { } other)
        {
            CompareMembers(path, one, other, changes);
            CompareOrder(path, one, other, changes);
        }
        else if (!JsonNode.DeepEquals(before, after))
        {
            changes.Add(new DiffChangeWire(path, "changed", before?.DeepClone(), after?.DeepClone()));
        }
    }

    private static void CompareMembers(
        string path, List<(string Name, JsonNode? Value)> before, List<(string Name, JsonNode? Value)> after,
        List<DiffChangeWire> changes)
    {
        foreach (var (name, value) in before)
        {
            var here = Append(path, name);
            var at = after.FindIndex(m => m.Name == name);
            if (at < 0)
            {
                changes.Add(new DiffChangeWire(here, "removed", value?.DeepClone(), null));
            }
            else
            {
                Compare(here, value, after[at].Value, changes);
            }
        }

        foreach (var (name, value) in after.Where(m => !before.Exists(b => b.Name == m.Name)))
        {
            changes.Add(new DiffChangeWire(Append(path, name), "added", null, value?.DeepClone()));
        }
    }

    /// <summary>Of routes the first that matches wins: the same routes in another order are another document.</summary>
    private static void CompareOrder(
        string path, List<(string Name, JsonNode? Value)> before, List<(string Name, JsonNode? Value)> after,
        List<DiffChangeWire> changes)
    {
        var left = before.Select(m => m.Name).Where(n => after.Exists(m => m.Name == n)).ToArray();
        var right = after.Select(m => m.Name).Where(n => before.Exists(m => m.Name == n)).ToArray();
        if (!left.SequenceEqual(right))
        {
            changes.Add(new DiffChangeWire(path, "moved", Names(left), Names(right)));
        }
    }

    private static JsonArray Names(IEnumerable<string> names) => [.. names.Select(n => (JsonNode?)JsonValue.Create(n))];

    private static List<(string Name, JsonNode? Value)> Members(JsonObject node) =>
        [.. node.Select(m => (m.Key, m.Value))];

    /// <summary>The entries by name, when each has one of its own.</summary>
    private static List<(string Name, JsonNode? Value)>? Named(JsonArray list)
    {
        var named = new List<(string Name, JsonNode? Value)>();
        foreach (var entry in list)
        {
            if (entry is not JsonObject item || item["name"] is not JsonValue value ||
                !value.TryGetValue<string>(out var name) || named.Exists(n => n.Name == name))
            {
                return null;
            }

            named.Add((name, entry));
        }

        return named;
    }

    private static string Append(string path, string name) =>
        $"{path}/{name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}";
}
