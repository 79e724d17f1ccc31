namespace Mesh.Policy.Tests;

/// <summary>A case of <c>Golden/Security/Merged</c>: up to two documents and what they add up to.</summary>
internal static class SecurityCase
{
    private const string Folder = "Security/Merged";

    public static TheoryData<string> All =>
        [.. Directory.GetDirectories(Path.Combine(GoldenFiles.Root, Folder)).Select(d => Path.GetFileName(d)).Order(StringComparer.Ordinal)];

    public static SecurityDocument? Global(string name) => Read(name, "global.jsonc", PolicyKey.GlobalSecurity);

    public static SecurityDocument? Service(string name) => Read(name, "service.jsonc", PolicyKey.SecurityOf("orders"));

    public static SecurityPolicy Merge(string name) => SecurityMerger.Merge("orders", Global(name), Service(name));

    private static SecurityDocument? Read(string name, string file, PolicyKey key)
    {
        if (!File.Exists(Path.Combine(GoldenFiles.Root, Folder, name, file)))
        {
            return null;
        }

        var result = PolicyReader.ReadSecurity(GoldenFiles.Read(Folder, name, file), key);
        Assert.Empty(result.Problems);
        return result.Document;
    }
}
