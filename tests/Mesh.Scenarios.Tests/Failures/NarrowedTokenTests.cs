using Mesh.Client;
using Mesh.Scenarios.Tests.Support;
using Xunit.Abstractions;

namespace Mesh.Scenarios.Tests.Failures;

/// <summary>
/// The token may no longer see everything: Consul then leaves out without a word what it may not show. What was known
/// stays in force, and health, log and metrics say which rule is missing.
/// </summary>
public sealed class NarrowedTokenTests(ITestOutputHelper output)
{
    private const string FarNode = "far";

    [Theory]
    [InlineData("whole", """service "other" { policy = "read" }""", """service "orders" { policy = "read" }""")]
    [InlineData("service", """service "orders" { policy = "deny" }""", """service "orders" { policy = "read" }""")]
    [InlineData("node", """node "far" { policy = "deny" }""", """node "far" { policy = "read" }""")]
    [InlineData("policy", """key_prefix "mesh/" { policy = "deny" }""", """key_prefix "mesh/" { policy = "list" }""")]
    public Task Token_NarrowedUnderLoad_EverythingKnownStaysAndTheRuleIsNamed(string how, string rules, string missing) =>
        Scenario.RunAsync(output, async s =>
        {
            var backends = new List<Mesh.Testing.HttpBackend>();
            foreach (var name in (string[])["a", "b", "c", "late"])
            {
                backends.Add(await s.StartBackendAsync(name));
            }

            await s.Operator.RegisterAsync("orders", "a", backends[0].Port, version: "1");
            await s.Operator.RegisterAsync("orders", "b", backends[1].Port, version: "2");
            await s.Operator.RegisterOnNodeAsync(FarNode, "orders", "c", backends[2].Port, version: "1");
            await s.Operator.PutPolicyAsync("orders", OnlyV1);
            var token = await s.Consul.CreateTokenAsync(TokenRules.Client);
            var caller = await s.StartCallerAsync(o =>
            {
                o.Consul.Token = token;
                o.Discovery.SuspectWindow = TimeSpan.FromSeconds(1);
            });
            var load = s.StartLoad(caller, "http://orders/");
            await caller.GovernedAsync();
            await load.AfterAsync(100);
            Assert.True(load.Answered("c") > 10, "The far node was not used before.");
            var narrowed = load.Now;

            await s.Consul.UpdateTokenAsync(token, how switch
            {
                "whole" => rules,
                "policy" => TokenRules.Client.Replace("\"list\"", "\"deny\"", StringComparison.Ordinal),
                _ => $"{TokenRules.Client}\n{rules}",
            });
            // Both watches wake up, and see less, at a higher index.
            await s.Operator.RegisterAsync("orders", "late", backends[3].Port, version: "2");
            await s.Operator.PutPolicyAsync("payments", """{ "schema": 1 }""");
            var told = await Eventually.TrueAsync(
                async () => (await caller.ReadinessAsync()).Description!.Contains(missing, StringComparison.Ordinal),
                $"health to name {missing}");
            var settled = load.Now;
            await load.AfterAsync(300);

            Assert.Contains("acl", (await caller.ReadinessAsync()).Description, StringComparison.Ordinal);
            Assert.Contains("reason acl", caller.Log, StringComparison.Ordinal);
            Assert.True(
                caller.Count(how == "policy" ? MeshTelemetry.PolicyUpdates : MeshTelemetry.DiscoveryUpdates, "acl") > 0 ||
                how == "node",
                "No metric says acl.");
            Assert.True(load.Answered("a", settled) > 10 && load.Answered("c", settled) > 10, "What was known is not used.");
            Assert.Equal(0, load.Answered("b", narrowed) + load.Answered("late", narrowed));

            await s.Consul.UpdateTokenAsync(token, TokenRules.Client);
            await s.Operator.PutPolicyAsync("orders", OnlyV2);
            var healed = await Eventually.TrueAsync(() => load.Answered("late") > 10, "what was hidden to be used again");
            await Eventually.TrueAsync(
                async () => !(await caller.ReadinessAsync()).Description!.Contains("acl", StringComparison.Ordinal),
                "health to be well again");
            await load.StopAsync();

            s.Figure("toldAfterSeconds", told.TotalSeconds);
            s.Figure("healedAfterSeconds", healed.TotalSeconds);
            Assert.True(load.Failed.Count == 0, load.Describe());
        }, variant: how);

    private static string OnlyV1 => WithRoundRobin(Splits.Between(v1: 100, v2: 0));

    private static string OnlyV2 => WithRoundRobin(Splits.Between(v1: 0, v2: 100));

    private static string WithRoundRobin(string split) =>
        split.Replace("\"schema\": 1,", "\"schema\": 1, \"balance\": { \"algorithm\": \"round-robin\" },", StringComparison.Ordinal);
}
