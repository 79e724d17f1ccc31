using System.Text;
using System.Text.Json;

namespace Mesh.Policy.Tests;

public sealed class SecurityReaderGoldenTests
{
    public static TheoryData<string> Valid => GoldenFiles.Cases("Security/Valid");

    public static TheoryData<string> Problems => GoldenFiles.Cases("Security/Problems");

    [Theory]
    [MemberData(nameof(Valid))]
    public void ValidDocument_IsAcceptedAndPrintsCanonically(string name)
    {
        var result = Read(GoldenFiles.Read("Security/Valid", $"{name}.jsonc"), name);

        Assert.Empty(result.Problems);
        Assert.True(result.IsAccepted);
        GoldenFiles.ShouldMatch(PolicyWriter.Write(result.Document), "Security/Valid", $"{name}.canonical.json");
    }

    [Theory]
    [MemberData(nameof(Valid))]
    public void ValidDocument_PrintedAndReadAgain_PrintsTheSame(string name)
    {
        var text = PolicyWriter.Write(Read(GoldenFiles.Read("Security/Valid", $"{name}.jsonc"), name).Document!);

        var second = Read(Encoding.UTF8.GetBytes(text), name);

        Assert.Empty(second.Problems);
        Assert.Equal(text, PolicyWriter.Write(second.Document!));
    }

    [Theory]
    [MemberData(nameof(Problems))]
    public void BadDocument_GivesExactlyTheseProblems(string name)
    {
        var body = GoldenFiles.Read("Security/Problems", $"{name}.jsonc");

        var result = Read(body, name);

        Assert.False(result.IsAccepted);
        Assert.Empty(result.Ignored);
        ProblemPaths.ShouldExist(result.Problems, body);
        GoldenFiles.ShouldMatch(GoldenFiles.Print(result.Problems), "Security/Problems", $"{name}.problems.json");
    }

    [Theory]
    [InlineData("policy/services/orders")]
    [InlineData("switches/global")]
    public void KeyOfAnotherKind_Throws(string text)
    {
        Assert.True(PolicyKey.TryParse(text, out var key));

        Assert.Throws<ArgumentException>(() => PolicyReader.ReadSecurity("{}"u8.ToArray(), key));
    }

    [Fact]
    public void Validate_OfASecurityDocument_SaysWhatIsWrong()
    {
        var answer = PolicyReader.Validate(new ValidateRequest
        {
            Key = PolicyKey.GlobalSecurity,
            Body = """{ "schema": 1, "inbound": { "tls": "strict" } }""",
        });

        Assert.False(answer.Accepted);
        Assert.Equal(DangerCodes.GlobalTls, Assert.Single(answer.Problems).Code);
    }

    [Theory]
    [InlineData("security.inbound.tls")]
    [InlineData("security.inbound.tls=strict")]
    [InlineData("security.locked=inbound.tls")]
    [InlineData("security.inbound.authorization.rules[].match.path=prefix")]
    [InlineData("inbound.rate[].limit")]
    [InlineData("inbound.concurrency=adaptive")]
    [InlineData("inbound.concurrency.mode=fixed")]
    [InlineData("transport.protocol=http2")]
    public void Vocabulary_HoldsTheTerm(string term) => Assert.Contains(term, PolicyVocabulary.Of([]).Terms);

    [Theory]
    [MemberData(nameof(Valid))]
    public void ValidDocument_UsesOnlyWhatThisVersionUnderstands(string name)
    {
        var known = PolicyVocabulary.Of([]).Terms.ToHashSet();

        var used = PolicyVocabulary.UsedBy(GoldenFiles.Read("Security/Valid", $"{name}.jsonc"), KeyOf(name));

        Assert.All(used, t => Assert.Contains(t.Name, known));
        Assert.Equal(name == "smallest", used.Count == 0);
    }

    [Theory]
    [MemberData(nameof(Valid))]
    public void ValidDocument_IsValidForTheSchemaToo(string name) => Assert.True(
        SchemaAccepts(GoldenFiles.ReadText("Security/Valid", $"{name}.jsonc")));

    [Theory]
    [InlineData("words")]
    [InlineData("rules")]
    [InlineData("newer-field")]
    [InlineData("newer-schema")]
    [InlineData("not-an-object")]
    public void BadDocument_IsBadForTheSchemaToo(string name) => Assert.False(
        SchemaAccepts(GoldenFiles.ReadText("Security/Problems", $"{name}.jsonc")));

    private static bool SchemaAccepts(string text)
    {
        using var schema = JsonDocument.Parse(PolicySchema.Json(PolicyDocumentKind.Security));
        using var value = JsonDocument.Parse(
            text, new JsonDocumentOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip });
        return SchemaChecker.Accepts(schema.RootElement, value.RootElement);
    }

    private static PolicyReadResult<SecurityDocument> Read(byte[] body, string name) =>
        PolicyReader.ReadSecurity(body, KeyOf(name));

    private static PolicyKey KeyOf(string name) => name.StartsWith("global", StringComparison.Ordinal)
        ? PolicyKey.GlobalSecurity
        : PolicyKey.SecurityOf("orders");
}
