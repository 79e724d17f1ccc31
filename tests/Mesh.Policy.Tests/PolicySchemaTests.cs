using System.Text;
using System.Text.Json;

namespace Mesh.Policy.Tests;

public sealed class PolicySchemaTests
{
    private static readonly JsonDocumentOptions Lenient = new()
    {
        AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip,
    };

    /// <summary>What only validation can tell, because it lies between fields or within a text.</summary>
    private static readonly HashSet<string> BeyondSchema =
    [
        ProblemCodes.Conflict, ProblemCodes.SplitSum, ProblemCodes.UnknownSubset, ProblemCodes.SubsetCycle,
        ProblemCodes.DuplicateName, ProblemCodes.DuplicateField, ProblemCodes.ReservedName, ProblemCodes.Unreachable,
        ProblemCodes.InvalidRegex, ProblemCodes.OutOfRange, DangerCodes.TinyTimeout, DangerCodes.LowConcurrency,
    ];

    public static TheoryData<string> Valid => GoldenFiles.Cases("Valid");

    public static TheoryData<string> Problems => GoldenFiles.Cases("Problems");

    [Theory]
    [InlineData(PolicyDocumentKind.Traffic)]
    [InlineData(PolicyDocumentKind.Security)]
    [InlineData(PolicyDocumentKind.Switches)]
    public void Schema_IsWhatIsCommitted(PolicyDocumentKind kind) =>
        GoldenFiles.ShouldMatch(PolicySchema.Json(kind), "Schema", $"{kind.ToString().ToLowerInvariant()}.schema.json");

    [Theory]
    [MemberData(nameof(Valid))]
    public void ValidDocument_IsValidForTheSchemaToo(string name) =>
        Assert.True(SchemaAccepts(GoldenFiles.ReadText("Valid", $"{name}.jsonc")));

    [Theory]
    [MemberData(nameof(Problems))]
    public void Problem_OfOneField_IsFoundByTheSchemaToo(string name)
    {
        var body = GoldenFiles.Read("Problems", $"{name}.jsonc");
        var problems = PolicyReader.ReadTraffic(body, PolicyKey.TrafficTo("orders"), ReadOptions.Strict).Problems;
        if (problems.Count == 0 || problems.All(p => BeyondSchema.Contains(p.Code) || p.Code == ProblemCodes.Syntax))
        {
            return;
        }

        Assert.False(SchemaAccepts(Encoding.UTF8.GetString(body)));
    }

    [Theory]
    [InlineData("""{ "mode": "bypass", "off": ["retry"], "until": "2026-11-20T18:30:00Z", "by": "ana", "why": "x" }""", true)]
    [InlineData("""{ "mode": "bypas" }""", false)]
    [InlineData("""{ "off": ["retries"] }""", false)]
    public void SwitchDocument_IsJudgedByItsSchema(string text, bool accepted)
    {
        using var schema = JsonDocument.Parse(PolicySchema.Json(PolicyDocumentKind.Switches));
        using var value = JsonDocument.Parse(text);

        Assert.Equal(accepted, SchemaChecker.Accepts(schema.RootElement, value.RootElement));
    }

    private static bool SchemaAccepts(string text)
    {
        using var schema = JsonDocument.Parse(PolicySchema.Json(PolicyDocumentKind.Traffic));
        using var value = JsonDocument.Parse(text, Lenient);
        return SchemaChecker.Accepts(schema.RootElement, value.RootElement);
    }
}
