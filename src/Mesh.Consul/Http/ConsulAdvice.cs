using System.Text.RegularExpressions;

namespace Mesh.Consul;

/// <summary>
/// What an operator has to do about a 403: Consul says that something is denied, seldom what would allow it.
/// </summary>
internal static partial class ConsulAdvice
{
    private const string UnknownToken = "ACL not found";
    private const string KeyPath = "/v1/kv/";
    private const string IntentionPath = "/v1/connect/intentions/";
    private const string LeafPath = "/v1/agent/connect/ca/leaf/";

    /// <summary>Consul does not know the token: deleted, expired, or never one of its own.</summary>
    public static bool IsTokenUnknown(string words) => words.Contains(UnknownToken, StringComparison.OrdinalIgnoreCase);

    /// <summary>The rule that would have allowed a call; <see langword="null"/> when it cannot be told.</summary>
    /// <param name="method">What was asked.</param>
    /// <param name="uri">Where.</param>
    /// <param name="words">What Consul said.</param>
    public static string? MissingRule(HttpMethod method, Uri uri, string words)
    {
        if (IsTokenUnknown(words))
        {
            return null;
        }

        if (Named().Match(words) is { Success: true } match)
        {
            return new ConsulPermission(
                match.Groups["resource"].Value, match.Groups["access"].Value, match.Groups["name"].Value).Rule;
        }

        if (uri.AbsolutePath.StartsWith(IntentionPath, StringComparison.Ordinal))
        {
            return IntentionRule(uri);
        }

        if (uri.AbsolutePath.StartsWith(LeafPath, StringComparison.Ordinal))
        {
            var service = Uri.UnescapeDataString(uri.AbsolutePath[LeafPath.Length..]);
            return new ConsulPermission("service", "write", service).Rule;
        }

        if (!uri.AbsolutePath.StartsWith(KeyPath, StringComparison.Ordinal))
        {
            return null;
        }

        var key = Uri.UnescapeDataString(uri.AbsolutePath[KeyPath.Length..]);
        var recurses = uri.Query.TrimStart('?').Split('&').Contains("recurse");
        return method != HttpMethod.Get ? $"{(recurses ? "key_prefix" : "key")} \"{key}\" {{ policy = \"write\" }}"
            : new ConsulPermission("key", recurses ? "list" : "read", key).Rule;
    }

    /// <summary>One sentence, or nothing.</summary>
    /// <param name="rule">The missing rule.</param>
    /// <param name="words">What Consul said.</param>
    /// <param name="origin">Where the token comes from.</param>
    public static string Text(string? rule, string words, string origin) =>
        rule is not null ? $" Add to the policies of the token ({origin}): {rule}"
        : IsTokenUnknown(words) ? $" The token ({origin}) is deleted, expired or mistyped: put a valid one there."
        : $" The token ({origin}) may not do this.";

    /// <summary>
    /// Whoever may read a service may read its intentions, unless its rule says otherwise; asking for a verdict takes the
    /// service itself.
    /// </summary>
    private static string? IntentionRule(Uri uri)
    {
        foreach (var part in uri.Query.TrimStart('?').Split('&'))
        {
            if (part.StartsWith("name=", StringComparison.Ordinal) ||
                part.StartsWith("destination=", StringComparison.Ordinal))
            {
                var name = Uri.UnescapeDataString(part[(part.IndexOf('=', StringComparison.Ordinal) + 1)..]);
                return $"service \"{name}\" {{ policy = \"read\" intentions = \"read\" }}";
            }
        }

        return null;
    }

    // 1.8: "Permission denied: Missing service:write on orders".
    // Current: "Permission denied: token with AccessorID '...' lacks permission 'service:write' on "orders"".
    [GeneratedRegex("""(?:Missing |permission ')(?<resource>[a-z]+):(?<access>[a-z]+)'? on "?(?<name>[^\s"]+)""")]
    private static partial Regex Named();
}
