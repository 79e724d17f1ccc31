using System.Text;

namespace Mesh.Policy.Tests;

public sealed class PolicyVocabularyTests
{
    private static readonly PolicyKey Orders = PolicyKey.TrafficTo("orders");

    public static TheoryData<string> Valid => GoldenFiles.Cases("Valid");

    public static TheoryData<string> Switches => GoldenFiles.Cases("Switches");

    [Theory]
    [MemberData(nameof(Valid))]
    public void ValidDocument_OfThisVersion_UsesOnlyWhatThisVersionUnderstands(string name)
    {
        var known = PolicyVocabulary.Of([]).Terms.ToHashSet();

        var used = PolicyVocabulary.UsedBy(GoldenFiles.Read("Valid", $"{name}.jsonc"), GoldenFiles.KeyOf(name));

        Assert.All(used.Where(t => !t.Name.Contains("custom:", StringComparison.Ordinal)), t => Assert.Contains(t.Name, known));
    }

    [Fact]
    public void Document_Used_TermsHaveNamesAndPlaces()
    {
        var used = PolicyVocabulary.UsedBy(
            """
            {
              "schema": 1, "meta": { "by": "ana" }, "accept": ["tiny-timeout"],
              "retry": { "on": ["connect", "503", "grpc:UNAVAILABLE"], "budget": { "ratio": "5%" } },
              "balance": { "algorithm": "custom:mine" },
              "subsets": { "v1": { "meta": { "version": "1" } } },
              "routes": [
                { "name": "a", "match": { "header": { "x-beta": { "regex": "y+" }, "x-bare": "exact?" }, "path": { "prefix": "/p" } } },
                { "name": "b", "retry": { "idempotent": "with-key" }, "timeout": { "total": "3s" }, "split": { "v1": "100%" } }
              ]
            }
            """u8.ToArray(),
            Orders);

        Assert.Equal(
            [
                "/balance balance", "/balance/algorithm balance.algorithm",
                "/balance/algorithm balance.algorithm=custom:mine", "/retry retry", "/retry/budget retry.budget",
                "/retry/budget/ratio retry.budget.ratio", "/retry/on retry.on", "/retry/on/0 retry.on=connect",
                "/retry/on/1 retry.on=<status>", "/retry/on/2 retry.on=grpc:<STATUS>", "/routes routes",
                "/routes/0/match routes[].match", "/routes/0/match/header routes[].match.header",
                "/routes/0/match/header/x-beta/regex routes[].match.header=regex", "/routes/0/match/path routes[].match.path",
                "/routes/0/match/path/prefix routes[].match.path=prefix", "/routes/0/name routes[].name",
                "/routes/1/name routes[].name", "/routes/1/retry routes[].retry",
                "/routes/1/retry/idempotent routes[].retry.idempotent",
                "/routes/1/retry/idempotent routes[].retry.idempotent=with-key", "/routes/1/split routes[].split",
                "/routes/1/timeout routes[].timeout", "/routes/1/timeout/total routes[].timeout.total", "/subsets subsets",
                "/subsets/v1/meta subsets.<name>.meta",
            ],
            used.Select(t => $"{t.Path} {t.Name}").Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Switches))]
    public void Switches_Used_AreUnderstoodUnlessTheyAreNoSwitches(string name)
    {
        var body = GoldenFiles.Read("Switches", $"{name}.jsonc");
        var ignored = PolicyReader.ReadSwitches(body, PolicyKey.GlobalSwitches).Ignored.Select(p => p.Path).ToHashSet();
        var known = PolicyVocabulary.Of([]).Terms.ToHashSet();

        var used = PolicyVocabulary.UsedBy(body, PolicyKey.GlobalSwitches);

        Assert.All(used, t => Assert.NotEqual(known.Contains(t.Name), ignored.Contains(t.Path)));
    }

    [Fact]
    public void Vocabulary_WithAlgorithmsOfTheApplication_HoldsThem() => Assert.Contains(
        "balance.algorithm=custom:mine", PolicyVocabulary.Of(["custom:mine"]).Terms);

    [Theory]
    [InlineData("{}", 1)]
    [InlineData("""{ "schema": 2 }""", 2)]
    [InlineData("not json", 1)]
    public void Schema_OfADocument_IsWhatItSays(string text, int schema) =>
        Assert.Equal(schema, PolicyVocabulary.SchemaOf(Encoding.UTF8.GetBytes(text)));
}
