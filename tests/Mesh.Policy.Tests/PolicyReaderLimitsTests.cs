using System.Text;

namespace Mesh.Policy.Tests;

public sealed class PolicyReaderLimitsTests
{
    [Fact]
    public void DocumentOfExactlyTheLimit_IsRead_AndOneByteMoreIsRefused()
    {
        var body = "{ \"schema\": 1 }" + new string(' ', PolicyLimits.DocumentBytes - 15);
        Assert.Equal(PolicyLimits.DocumentBytes, body.Length);

        Assert.Empty(Read(body).Problems);
        Assert.Equal(ProblemCodes.TooLarge, Assert.Single(Read(body + " ").Problems).Code);
    }

    [Theory]
    [InlineData(PolicyLimits.Routes, null)]
    [InlineData(PolicyLimits.Routes + 1, ProblemCodes.WrongLength)]
    public void Routes_BeyondTheLimit_AreRefused(int count, string? code)
    {
        var routes = Enumerable.Range(0, count).Select(i => $$"""{ "name": "r{{i}}", "match": { "path": { "exact": "/{{i}}" } } }""");

        var problems = Read($$"""{ "schema": 1, "routes": [{{string.Join(',', routes)}}] }""").Problems;

        Assert.Equal(code, problems.SingleOrDefault()?.Code);
    }

    [Theory]
    [InlineData(PolicyLimits.Subsets, null)]
    [InlineData(PolicyLimits.Subsets + 1, ProblemCodes.WrongLength)]
    public void Subsets_BeyondTheLimit_AreRefused(int count, string? code)
    {
        var subsets = Enumerable.Range(0, count).Select(i => $$"""  "s{{i}}": { "meta": { "version": "{{i}}" } }""");

        var problems = Read($$"""{ "schema": 1, "subsets": { {{string.Join(',', subsets)}} } }""").Problems;

        Assert.Equal(code, problems.SingleOrDefault()?.Code);
    }

    [Theory]
    [InlineData(14, ProblemCodes.UnknownField)]
    [InlineData(16, ProblemCodes.TooDeep)]
    [InlineData(100_000, ProblemCodes.TooDeep)]
    public void Nesting_BeyondTheLimit_IsRefused(int levels, string code)
    {
        var body = $$"""{ "schema": 1, "x": {{new string('[', levels)}}{{new string(']', levels)}} }""";

        Assert.Equal(code, Assert.Single(Read(body).Problems).Code);
    }

    [Fact]
    public void MoreProblemsThanAreReported_EndWithOneThatSaysSo()
    {
        var fields = Enumerable.Range(0, 1000).Select(i => $"\"unknown{i}\": 1");

        var problems = Read($$"""{ "schema": 1, {{string.Join(',', fields)}} }""").Problems;

        Assert.Equal(PolicyLimits.Problems + 1, problems.Count);
        Assert.Equal(ProblemCodes.TooManyProblems, problems[^1].Code);
    }

    [Fact]
    public void ByteOrderMark_InFront_IsSkipped() => Assert.Empty(Read("\uFEFF{ \"schema\": 1 }").Problems);

    [Fact]
    public void SecurityDocument_ReadAsTraffic_Throws() => Assert.Throws<ArgumentException>(() =>
        PolicyReader.ReadTraffic("""{ "schema": 1 }"""u8.ToArray(), PolicyKey.SecurityOf("orders"), ReadOptions.Strict));

    [Theory]
    [InlineData("policy/global", """{ "schema": 1, "routes": [] }""", false, 1, 0)]
    [InlineData("policy/services/orders", """{ "schema": 1 }""", true, 0, 0)]
    [InlineData("switches/global", """{ "mode": "bypass", "what": 1 }""", true, 0, 1)]
    [InlineData("switches/global", "bypass", false, 1, 0)]
    [InlineData("security/global", "{}", false, 1, 0)]
    public void Validate_OfAnyKind_AnswersAsTheDeskWould(
        string key, string body, bool accepted, int problems, int ignored)
    {
        Assert.True(PolicyKey.TryParse(key, out var parsed));

        var response = PolicyReader.Validate(new ValidateRequest { Key = parsed, Body = body });

        Assert.Equal(accepted, response.Accepted);
        Assert.Equal(problems, response.Problems.Count);
        Assert.Equal(ignored, response.Ignored.Count);
        Assert.Equal(PolicyRevision.HashOf(Encoding.UTF8.GetBytes(body)), response.Hash);
    }

    private static PolicyReadResult<TrafficDocument> Read(string body) =>
        PolicyReader.ReadTraffic(Encoding.UTF8.GetBytes(body), PolicyKey.TrafficTo("orders"), ReadOptions.Strict);
}
