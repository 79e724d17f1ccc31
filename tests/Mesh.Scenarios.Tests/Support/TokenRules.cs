using Mesh.Tests.Shared;

namespace Mesh.Scenarios.Tests.Support;

/// <summary>
/// The Consul rules that the README tells operators to use, as they would copy them: there is no other copy. Every
/// scenario's processes have these and no more.
/// </summary>
internal static class TokenRules
{
    public static string Client => Of("client");

    public static string Editor => Of("editor");

    public static string Ci => Of("ci");

    public static string Desk => Of("desk");

    /// <summary>What a service of this name needs: the README calls its own "orders".</summary>
    public static string Service(string name) => Named(Of("service"), name);

    /// <summary>Rules of the README, for a service of this name.</summary>
    public static string Named(string rules, string name) =>
        rules.Replace("\"orders\"", $"\"{name}\"", StringComparison.Ordinal);

    /// <summary>The rules of a role: the README's block that begins with its name.</summary>
    public static string Of(string role) => string.Join('\n', Lines(role));

    /// <summary>One rule each.</summary>
    public static string[] Lines(string role)
    {
        var lines = File.ReadAllLines(Path.Combine(PublicSurface.RepositoryRoot(), "README.md"));
        var start = Array.FindIndex(lines, l => l.StartsWith($"# {role}:", StringComparison.Ordinal));
        Assert.True(start > 0 && lines[start - 1] == "```hcl", $"README.md shows no rules for the role {role}.");
        return [.. lines.Skip(start + 1).TakeWhile(l => l != "```")];
    }
}
