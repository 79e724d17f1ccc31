using System.Text;
using Mesh.Policy;

namespace Mesh.Benchmarks.Subjects;

/// <summary>A document as an operator writes it: four routes, two subsets, a split.</summary>
internal static class PolicyDocuments
{
    private const string Text = """
        {
          "schema": 1,
          "timeout": { "total": "3s", "attempt": "1s" },
          "retry": { "maxAttempts": 2, "on": ["connect", "refused", "reset", "502", "503"] },
          "balance": { "algorithm": "peak-ewma", "slowStart": "30s" },
          "subsets": { "v1": { "meta": { "version": "1" } }, "v2": { "meta": { "version": "2" }, "onEmpty": "v1" } },
          "routes": [
            { "name": "beta", "match": { "header": { "x-beta": "yes" } }, "split": { "v2": "100%" } },
            { "name": "checkout", "match": { "method": ["POST"], "path": { "exact": "/orders" } },
              "split": { "v1": "95%", "v2": "5%" } },
            { "name": "export", "match": { "path": { "prefix": "/orders/export" } }, "retry": "off" },
            { "name": "rest", "split": { "v1": "100%" } }
          ]
        }
        """;

    private static readonly byte[] Utf8 = Encoding.UTF8.GetBytes(Text);

    /// <summary>Reads and validates the document.</summary>
    public static TrafficDocument Read()
    {
        var result = PolicyReader.ReadTraffic(Utf8, PolicyKey.TrafficTo(MeshUnderTest.Service), ReadOptions.Strict);
        return result.Document ?? throw new InvalidOperationException(
            $"The benchmark's policy is refused: {string.Join("; ", result.Problems)}");
    }

    /// <summary>The document with defaults merged in, as it goes to an upstream.</summary>
    public static EffectivePolicy Effective() => PolicyMerger.Merge(MeshUnderTest.Service, global: null, Read());
}
