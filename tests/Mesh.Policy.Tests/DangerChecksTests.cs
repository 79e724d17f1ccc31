using System.Text;

namespace Mesh.Policy.Tests;

public sealed class DangerChecksTests
{
    private const string Subsets = """
        "subsets": {
          "v1": { "meta": { "version": "1" } },
          "v2": { "meta": { "version": "2" } },
          "v3": { "meta": { "version": "3" }, "onEmpty": "v2" }
        },
        """;

    [Fact]
    public void SplitToASubsetWithoutEndpoints_IsADanger()
    {
        var document = Read("""{ "name": "a", "split": { "v1": "95%", "v2": "5%" } }""");

        var problem = Assert.Single(DangerChecks.SplitTargets(document, subset => subset == "v1"));

        Assert.Equal("/routes/0/split/v2", problem.Path);
        Assert.Equal(DangerCodes.EmptySubset, problem.Code);
        Assert.Contains("\"accept\": [\"empty-subset\"]", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void SplitToSubsetsWithEndpoints_IsNone() =>
        Assert.Empty(DangerChecks.SplitTargets(Read("""{ "name": "a", "split": { "v1": "95%", "v2": "5%" } }"""), _ => true));

    [Fact]
    public void ShareOfNothing_IsNoDanger()
    {
        var document = Read("""{ "name": "a", "split": { "v1": "100%", "v2": "0%" } }""");

        Assert.Empty(DangerChecks.SplitTargets(document, subset => subset == "v1"));
    }

    [Theory]
    [InlineData("v2", 0)]
    [InlineData("v1", 1)]
    public void EmptySubset_WithASubstitute_IsADangerOnlyWhenThatIsEmptyToo(string withEndpoints, int dangers)
    {
        var document = Read("""{ "name": "a", "split": { "v3": "100%" } }""");

        Assert.Equal(dangers, DangerChecks.SplitTargets(document, subset => subset == withEndpoints).Count);
    }

    [Fact]
    public void AcceptedDanger_IsNone()
    {
        var document = Read("""{ "name": "a", "split": { "v2": "100%" } }""", "\"accept\": [\"empty-subset\"],");

        Assert.Empty(DangerChecks.SplitTargets(document, _ => false));
    }

    [Theory]
    [InlineData(ReadOptions.Strict)]
    [InlineData(ReadOptions.Tolerant)]
    public void TinyTotal_WithoutAccept_IsRefusedByEverybody(ReadOptions options)
    {
        var body = """{ "schema": 1, "timeout": { "total": "49ms" } }"""u8.ToArray();

        var problem = Assert.Single(PolicyReader.ReadTraffic(body, PolicyKey.GlobalTraffic, options).Problems);

        Assert.Equal(DangerCodes.TinyTimeout, problem.Code);
    }

    private static TrafficDocument Read(string route, string accept = "")
    {
        var body = $$"""{ "schema": 1, {{accept}} {{Subsets}} "routes": [{{route}}] }""";
        var result = PolicyReader.ReadTraffic(
            Encoding.UTF8.GetBytes(body), PolicyKey.TrafficTo("orders"), ReadOptions.Strict);
        Assert.Empty(result.Problems);
        return result.Document!;
    }
}
