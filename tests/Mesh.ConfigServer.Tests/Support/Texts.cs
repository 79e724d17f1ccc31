namespace Mesh.ConfigServer.Tests.Support;

/// <summary>Documents the tests write.</summary>
internal static class Texts
{
    public const string Attempts3 = """{ "schema": 1, "meta": { "by": "ana", "why": "test" }, "retry": { "maxAttempts": 3 } }""";

    public const string Attempts4 = """{ "schema": 1, "retry": { "maxAttempts": 4 } }""";

    public const string TwoMistakes = """{ "schema": 1, "retry": { "maxAttempts": 99 }, "tmeout": {} }""";

    public const string Tiny = """{ "schema": 1, "timeout": { "total": "10ms" } }""";

    public const string TinyAccepted = """{ "schema": 1, "accept": ["tiny-timeout"], "timeout": { "total": "10ms" } }""";

    public const string Canary =
        """
        {
          "schema": 1,
          "subsets": { "v1": { "meta": { "version": "1" } }, "v2": { "meta": { "version": "2" } } },
          "routes": [{ "name": "rest", "split": { "v1": "95%", "v2": "5%" } }]
        }
        """;

    public const string Bypass = """{ "mode": "bypass", "by": "ana", "why": "incident" }""";
}
