namespace Mesh.Policy.Tests;

/// <summary>A case of <c>Golden/Merged</c>: up to two documents and what they add up to.</summary>
internal static class GoldenCase
{
    public static TheoryData<string> All =>
        [.. Directory.GetDirectories(Path.Combine(GoldenFiles.Root, "Merged")).Select(d => Path.GetFileName(d)).Order(StringComparer.Ordinal)];

    public static EffectivePolicy Merge(string name) => PolicyMerger.Merge(
        "orders",
        Read(name, "global.jsonc", PolicyKey.GlobalTraffic),
        Read(name, "service.jsonc", PolicyKey.TrafficTo("orders")));

    private static TrafficDocument? Read(string name, string file, PolicyKey key)
    {
        if (!File.Exists(Path.Combine(GoldenFiles.Root, "Merged", name, file)))
        {
            return null;
        }

        var result = PolicyReader.ReadTraffic(GoldenFiles.Read("Merged", name, file), key, ReadOptions.Strict);
        Assert.Empty(result.Problems);
        return result.Document;
    }
}
