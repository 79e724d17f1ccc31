using Mesh.AspNetCore.Authorization;
using Mesh.Consul;
using Mesh.Scenarios.Tests.Support;
using Mesh.Testing;
using Xunit.Abstractions;

namespace Mesh.Scenarios.Tests.Authorization;

/// <summary>
/// This code against Consul's own verdict, for every pair of many services under many intentions of all four kinds,
/// with both defaults. That the comparison would notice an error is proved by making one: two levels of precedence
/// exchanged, whichever.
/// </summary>
public sealed class IntentionDifferentialTests(ITestOutputHelper output)
{
    private const int Services = 36;

    private static readonly int[] Levels = [9, 8, 6, 5];

    [Theory]
    [InlineData("allow")]
    [InlineData("deny")]
    public Task Intentions_EveryPair_IsDecidedAsConsulDecides(string byDefault) => Scenario.RunAsync(
        output,
        async s =>
        {
            var random = new Random(20260);
            string[] names = [.. Enumerable.Range(0, Services).Select(i => $"svc-{i:00}")];
            var intentions = await WriteAsync(s.Operator, names, random);
            using var consul = new ConsulClient(new ConsulClientOptions
            {
                Address = s.Consul.Address.ToString(),
                Token = await s.Consul.CreateTokenAsync(TokenRules.Service("svc-00")),
            });
            var grid = new IntentionGrid(consul, names);

            var (pairs, allowed) = await CompareAsync(s, grid, Levels[..3]);

            // With one about everything, nothing is left to the default.
            await s.Operator.PutIntentionAsync("*", "*", allow: byDefault == "deny");
            var (morePairs, moreAllowed) = await CompareAsync(s, grid, Levels);
            (pairs, allowed) = (pairs + morePairs, allowed + moreAllowed);

            var share = (double)allowed / pairs;
            s.Figure("intentions", intentions + 1);
            s.Figure("pairs", pairs);
            s.Figure("allowedShare", share);
            s.Figure("deniedShare", 1 - share);
            Assert.True(pairs >= 2_000 && intentions >= 50, $"{pairs} pairs, {intentions} intentions");
            Assert.InRange(share, 0.3, 0.7);
        },
        new ConsulAgentOptions { ExtraConfig = $$"""{ "acl": { "default_policy": "{{byDefault}}" } }""" },
        variant: byDefault);

    /// <summary>Of all kinds but the one about everything; about half of them allow.</summary>
    private static async Task<int> WriteAsync(ConsulOperator consul, string[] names, Random random)
    {
        var pairs = new HashSet<(string Source, string Destination)>();
        while (pairs.Count < 72)
        {
            pairs.Add((names[random.Next(names.Length)], names[random.Next(names.Length)]));
        }

        pairs.UnionWith(names.Where((_, i) => i % 3 == 0).Select(n => ("*", n)));
        pairs.UnionWith(names.Where((_, i) => i % 3 != 1).Select(n => (n, "*")));
        foreach (var (source, destination) in pairs)
        {
            await consul.PutIntentionAsync(source, destination, random.Next(2) == 0);
        }

        return pairs.Count;
    }

    private static async Task<(int Pairs, int Allowed)> CompareAsync(
        Scenario scenario, IntentionGrid grid, int[] levels)
    {
        var verdicts = await grid.AskConsulAsync();
        await grid.ReadAsync();

        var mismatches = grid.Mismatches(verdicts, IntentionPrecedence.Consul);
        scenario.Figure($"mismatchesWith{levels.Length}Levels", mismatches.Count);
        Assert.Empty(mismatches);
        foreach (var one in levels)
        {
            foreach (var other in levels.Where(l => l < one))
            {
                Assert.True(
                    grid.Mismatches(verdicts, Exchanged(one, other)).Count > 0,
                    $"Precedence {one} and {other} exchanged, and no verdict is another one.");
            }
        }

        return (verdicts.Count, verdicts.Values.Count(v => v));
    }

    /// <summary>Consul's precedence with two of its numbers exchanged.</summary>
    private static IntentionPrecedence Exchanged(int one, int other)
    {
        int Number(int number) => number == one ? other : number == other ? one : number;
        return new IntentionPrecedence(new[,]
        {
            { Number(1), Number(2), Number(3) }, { Number(4), Number(5), Number(6) },
            { Number(7), Number(8), Number(9) },
        });
    }
}
