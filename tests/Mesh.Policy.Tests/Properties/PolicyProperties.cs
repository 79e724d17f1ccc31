using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;

namespace Mesh.Policy.Tests.Properties;

public sealed class PolicyProperties
{
    private static readonly PolicyKey Orders = PolicyKey.TrafficTo("orders");

    [Fact]
    public void ValidDocument_PrintedAndRead_IsTheSame() => Check(DocumentGen.OfService, document =>
    {
        var text = PolicyWriter.Write(document);

        var result = PolicyReader.ReadTraffic(Encoding.UTF8.GetBytes(text), Orders, ReadOptions.Strict);

        Assert.Empty(result.Problems);
        Assert.Equal(text, PolicyWriter.Write(result.Document!));
    });

    [Fact]
    public void ValidDocument_IsValidForTheSchema()
    {
        using var schema = JsonDocument.Parse(PolicySchema.Json(PolicyDocumentKind.Traffic));
        Check(DocumentGen.OfService, document =>
        {
            using var value = JsonDocument.Parse(PolicyWriter.Write(document));

            Assert.True(SchemaChecker.Accepts(schema.RootElement, value.RootElement));
        });
    }

    [Fact]
    public void DocumentOfTheLanguagesWords_ValidatesOrYieldsProblemsThatPointIntoIt() =>
        Check(TextGen.Json, ShouldBeJudged);

    [Fact]
    public void DamagedDocument_NeverThrows() => Check(TextGen.Damaged, ShouldBeJudged, 2_000);

    [Fact]
    public void RandomBytes_NeverThrow() => Check(TextGen.Bytes, ShouldBeJudged);

    [Fact]
    public void Merge_OfTwoDocuments_TakesEveryValueFromTheLayerItNames() =>
        Check(DocumentGen.OfGlobal().Zip(DocumentGen.OfService), pair =>
        {
            var (global, service) = pair;
            var merged = PolicyMerger.Merge("orders", global, service);
            var layers = new Dictionary<string, JsonNode>
            {
                ["default"] = Print(PolicyMerger.Merge("orders", null, null)),
                ["global"] = Print(PolicyMerger.Merge("orders", global, null)),
                ["service"] = Print(PolicyMerger.Merge("orders", null, service)),
            };
            var printed = Print(merged);

            foreach (var (path, origin) in merged.Origins.Where(o => IsOfTheServiceAsAWhole(o.Key)))
            {
                Assert.True(
                    JsonNode.DeepEquals(At(layers[origin], path), At(printed, path)),
                    $"{path} is {At(printed, path)} but {At(layers[origin], path)} in {origin}");
            }
        });

    [Fact]
    public void Merge_OfTwoDocuments_HasAnOriginForEveryValue() =>
        Check(DocumentGen.OfGlobal().Zip(DocumentGen.OfService), pair =>
            EffectivePaths.ShouldEqualOrigins(PolicyMerger.Merge("orders", pair.Item1, pair.Item2)));

    [Fact]
    public void Merge_OfADocumentSaidTwice_IsTheMergeOfItSaidOnce() => Check(DocumentGen.OfGlobal(), document =>
    {
        var once = PolicyMerger.Merge("orders", null, document) with { Origins = new Dictionary<string, string>() };
        var twice = PolicyMerger.Merge("orders", document, document) with { Origins = new Dictionary<string, string>() };

        Assert.Equal(PolicyWriter.Write(once), PolicyWriter.Write(twice));
    });

    private static void ShouldBeJudged(byte[] body)
    {
        var strict = PolicyReader.ReadTraffic(body, Orders, ReadOptions.Strict);
        var tolerant = PolicyReader.ReadTraffic(body, Orders, ReadOptions.Tolerant);
        var global = PolicyReader.ReadTraffic(body, PolicyKey.GlobalTraffic, ReadOptions.Strict);
        var switches = PolicyReader.ReadSwitches(body, PolicyKey.GlobalSwitches);

        Assert.Empty(strict.Ignored);
        foreach (var result in new[] { strict, tolerant, global })
        {
            Assert.NotEqual(result.IsAccepted, result.Problems.Count > 0);
            ProblemPaths.ShouldExist(result.Problems, body);
            ProblemPaths.ShouldExist(result.Ignored, body);
        }

        foreach (var key in new[] { PolicyKey.GlobalSecurity, PolicyKey.SecurityOf("orders") })
        {
            var security = PolicyReader.ReadSecurity(body, key);
            Assert.NotEqual(security.IsAccepted, security.Problems.Count > 0);
            Assert.Empty(security.Ignored);
            ProblemPaths.ShouldExist(security.Problems, body);
        }

        ProblemPaths.ShouldExist(switches.Ignored, body);
        if (strict.IsAccepted)
        {
            Assert.Empty(tolerant.Ignored);
            Assert.Equal(PolicyWriter.Write(strict.Document), PolicyWriter.Write(tolerant.Document!));
        }

        if (tolerant.IsAccepted)
        {
            EffectivePaths.ShouldEqualOrigins(PolicyMerger.Merge("orders", null, tolerant.Document));
        }
    }

    private static bool IsOfTheServiceAsAWhole(string path) =>
        path.StartsWith("/balance", StringComparison.Ordinal) ||
            path.StartsWith("/outlier", StringComparison.Ordinal) ||
        path.StartsWith("/transport", StringComparison.Ordinal) || path.StartsWith("/timeout", StringComparison.Ordinal) || path.StartsWith("/retry", StringComparison.Ordinal);

    private static JsonNode Print(EffectivePolicy policy)
    {
        var json = JsonNode.Parse(PolicyWriter.Write(policy))!;

        // What routes inherit is shown by the implicit one, which has nothing of its own; the generated routes
        // always leave something for it.
        var inherited = json["routes"]!.AsArray()[^1]!;
        json["timeout"] = inherited["timeout"]!.DeepClone();
        json["retry"] = inherited["retry"]!.DeepClone();
        return json;
    }

    private static JsonNode? At(JsonNode json, string path) =>
        path.Split('/').Skip(1).Aggregate((JsonNode?)json, (node, name) => node?[name]);

    /// <summary>Always the same cases, so that a run tells about the change and not about luck.</summary>
    internal static void Check<T>(Gen<T> gen, Action<T> holds, int tests = 500) =>
        Prop.ForAll(Arb.From(gen), holds).Check(
            Config.QuickThrowOnFailure.WithMaxTest(tests).WithReplay(20261120, 4711));
}
