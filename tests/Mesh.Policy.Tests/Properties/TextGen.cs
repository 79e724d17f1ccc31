using System.Text;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;

namespace Mesh.Policy.Tests.Properties;

/// <summary>Texts that are hardly ever valid documents, from nearly right to nonsense.</summary>
internal static class TextGen
{
    /// <summary>Field names in the right and the wrong places, and some that need escapes in a pointer.</summary>
    private static readonly string[] Names =
    [
        "schema", "meta", "accept", "timeout", "retry", "balance", "outlier", "subsets", "routes", "limits", "total",
        "attempt", "connect", "maxAttempts", "on", "backoff", "base", "max", "budget", "ratio", "floor", "idempotent",
        "algorithm", "slowStart", "panicBelow", "zone", "eject", "v1", "v2", "onEmpty", "name", "match", "method",
        "path",
        "exact", "prefix", "regex", "present", "header", "query", "split", "a/b", "~", "", "timeuot", "ro utes", "mode",
        "off", "until", "inbound", "outbound", "transport", "protocol", "rate", "limit", "burst", "per", "shadow",
        "concurrency",
        "min", "tls", "intentions", "authorization", "rules", "otherwise", "action", "callers", "grpc", "claims",
        "locked",
    ];

    private static readonly JsonNode?[] Values =
    [
        1, 2, 0, -5, 1.5, 99999999999, true, false, null, "", "off", "OFF", "3s", "1ms", "25h", "3", "50%", "100%",
        "0.001%",
        "connect", "503", "grpc:UNAVAILABLE", "v1", "v2", "default", "with-key", "peak-ewma", "/a", "a", "(",
        "((a{999}){999}){999}",
        "3 per 10s", "3 per", "GET", "get", "tiny-timeout", "bypass", "2026-11-20T18:30:00Z", "ü\u0000\"",
        "\ud83d\ude00",
        "strict", "permissive", "enforce", "require", "allow", "deny", "adaptive", "fixed", "caller", "100 per 1s", "*",
        "inbound.tls",
        "spiffe://a.b/*", "spiffe://A/..", "/p.S/*",
    ];

    /// <summary>JSON made of the language's own words.</summary>
    public static Gen<byte[]> Json { get; } =
        Gen.Sized(size => Node(Math.Min(6, 1 + (size / 10)), isObject: true)).Select(node =>
        {
            node!["schema"] ??= 1;
            return Encoding.UTF8.GetBytes(node.ToJsonString());
        });

    /// <summary>Any bytes at all.</summary>
    public static Gen<byte[]> Bytes { get; } =
        Gen.ArrayOf(Gen.Choose(0, 255)).Select(values => values.Select(v => (byte)v).ToArray());

    /// <summary>A valid document, damaged in one to eight places.</summary>
    public static Gen<byte[]> Damaged { get; } =
        from document in Gen.Elements(Originals())
        from count in Gen.Choose(1, 8)
        from kinds in Gen.ArrayOf(Gen.Choose(0, 3), count)
        from places in Gen.ArrayOf(Gen.Choose(0, int.MaxValue - 1), count)
        from with in Gen.ArrayOf(Gen.Elements("{}[]\",:0a%/ \\\n\uFFFD".ToCharArray()), count)
        select kinds.Zip(places, with).Aggregate(document, (text, c) => Damage(text, c.First, c.Second, c.Third));

    private static byte[][] Originals() =>
    [
        .. Directory.GetFiles(Path.Combine(GoldenFiles.Root, "Valid")).Select(File.ReadAllBytes),
        .. Directory.GetFiles(Path.Combine(GoldenFiles.Root, "Security", "Valid")).Select(File.ReadAllBytes),
        .. Directory.GetFiles(Path.Combine(GoldenFiles.Root, "Switches"), "*.jsonc").Select(File.ReadAllBytes),
    ];

    private static byte[] Damage(byte[] text, int kind, int place, char with)
    {
        if (text.Length == 0)
        {
            return text;
        }

        var at = place % text.Length;
        var length = Math.Min(text.Length - at, 1 + (place % 40));
        return kind switch
        {
            0 => [.. text[..at], (byte)with, .. text[(at + 1)..]],
            1 => [.. text[..at], .. text[(at + length)..]],
            2 => [.. text[..(at + length)], .. text[at..]],
            _ => [.. text[..at], (byte)with, .. text[at..]],
        };
    }

    private static Gen<JsonNode?> Node(int depth, bool isObject)
    {
        var leaf = Gen.Elements(Values).Select(v => v?.DeepClone());
        if (depth == 0)
        {
            return leaf;
        }

        var members =
            from names in Gen.SubListOf(Names)
            from values in Gen.ArrayOf(Node(depth - 1, isObject: false), Math.Min(names.Count, 6))
            select (JsonNode?)new JsonObject(
                names.Take(6).Zip(values, (n, v) => KeyValuePair.Create<string, JsonNode?>(n, v)));
        if (isObject)
        {
            return members;
        }

        var items = Gen.Choose(0, 3).SelectMany(count => Gen.ArrayOf(Node(depth - 1, isObject: false), count))
            .Select(values => (JsonNode?)new JsonArray(values));
        return Gen.OneOf(leaf, leaf, members, items);
    }
}
