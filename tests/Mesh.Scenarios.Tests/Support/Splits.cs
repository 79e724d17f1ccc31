namespace Mesh.Scenarios.Tests.Support;

/// <summary>Policy documents that share calls out between two versions.</summary>
internal static class Splits
{
    public static string Between(int v1, int v2) => $$"""
        {
          "schema": 1,
          "subsets": { "v1": { "meta": { "version": "1" } }, "v2": { "meta": { "version": "2" } } },
          "routes": [ { "name": "all", "split": { "v1": "{{v1}}%", "v2": "{{v2}}%" } } ]
        }
        """;
}
