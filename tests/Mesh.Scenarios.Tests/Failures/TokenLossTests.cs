using Mesh.Client;
using Mesh.Scenarios.Tests.Support;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Xunit.Abstractions;

namespace Mesh.Scenarios.Tests.Failures;

/// <summary>
/// The token is deleted, replaced, or wrong from the start. An expired one is the same to Consul as a deleted one: "ACL not
/// found".
/// </summary>
public sealed class TokenLossTests(ITestOutputHelper output)
{
    [Fact]
    public Task Token_DeletedAndReplacedInItsFile_CallsGoOnAndTheNewOneIsUsed() => Scenario.RunAsync(output, async s =>
    {
        var (a, b) = (await s.StartBackendAsync("a"), await s.StartBackendAsync("b"));
        await s.Operator.RegisterAsync("orders", "a", a.Port, version: "1");
        await s.Operator.PutRoundRobinAsync("orders");
        var token = await s.Consul.CreateTokenAsync(TokenRules.Client);
        var file = TokenFile(s, token);
        var caller = await s.StartCallerAsync(o => o.Consul.TokenFile = file);
        var load = s.StartLoad(caller, "http://orders/");
        await caller.GovernedAsync();
        await load.AfterAsync(100);

        await s.Consul.DeleteTokenAsync(token);
        await s.Operator.RegisterAsync("orders", "b", b.Port, version: "2");
        await s.Operator.PutPolicyAsync("payments", """{ "schema": 1 }""");
        await Eventually.TrueAsync(
            async () => await caller.ReadinessAsync() is { Status: HealthStatus.Degraded } health &&
                        health.Description!.Contains(file, StringComparison.Ordinal),
            "health to say whose token is refused");
        await load.AfterAsync(200);
        Assert.Contains("reason acl", caller.Log, StringComparison.Ordinal);
        Assert.True(caller.Count(MeshTelemetry.DiscoveryUpdates, "acl") > 0, "No metric says acl.");
        Assert.Equal(0, load.Answered("b"));

        await File.WriteAllTextAsync(file, await s.Consul.CreateTokenAsync(TokenRules.Client));
        var used = await Eventually.TrueAsync(() => load.Answered("b") > 10, "the endpoint registered meanwhile to be used");
        await s.Operator.PutPolicyAsync("orders", Splits.Between(v1: 0, v2: 100));
        await Eventually.TrueAsync(
            () => load.Calls.Where(c => c.Start > load.Now - TimeSpan.FromSeconds(0.5)).All(c => c.Answer == "b"),
            "the policy put afterwards to act");
        await Eventually.TrueAsync(
            async () => (await caller.ReadinessAsync()).Status == HealthStatus.Healthy, "health to be well again");
        await load.StopAsync();

        s.Figure("newTokenUsedAfterSeconds", used.TotalSeconds);
        Assert.True(load.Failed.Count == 0, load.Describe());
    });

    [Theory]
    [InlineData("unknown")]
    [InlineData("narrow")]
    public Task Token_WrongAtStart_TheSnapshotServesUntilItIsRight(string how) => Scenario.RunAsync(output, async s =>
    {
        var (a, b) = (await s.StartBackendAsync("a"), await s.StartBackendAsync("b"));
        await s.Operator.RegisterAsync("orders", "a", a.Port, version: "1");
        await s.Operator.RegisterAsync("orders", "b", b.Port, version: "2");
        await s.Operator.PutPolicyAsync("orders", Splits.Between(v1: 100, v2: 0));
        var right = await s.TokenAsync(TokenRules.Client);
        var file = TokenFile(s, right);
        await using (var first = await MeshCaller.StartAsync(Remembering))
        {
            await using var warmUp = Load.Start(first.Client, "http://orders/", 50);
            await first.GovernedAsync();
            await warmUp.AfterAsync(20);
            await warmUp.StopAsync();
            Assert.True(warmUp.Failed.Count == 0, warmUp.Describe());
        }

        var before = b.RequestCount;
        await File.WriteAllTextAsync(file, how == "unknown"
            ? Guid.NewGuid().ToString()
            : await s.TokenAsync("""service "other" { policy = "read" }"""));
        var second = await s.StartCallerAsync(Remembering);
        var load = s.StartLoad(second, "http://orders/");
        await Eventually.TrueAsync(
            async () => (await second.ReadinessAsync()).Description!.Contains("acl", StringComparison.Ordinal),
            "health to say acl");
        await load.AfterAsync(300);
        Assert.Equal(before, b.RequestCount);

        await File.WriteAllTextAsync(file, right);
        await s.Operator.PutPolicyAsync("orders", Splits.Between(v1: 0, v2: 100));
        var healed = await Eventually.TrueAsync(() => load.Answered("b") > 10, "the policy put meanwhile to act");
        await load.StopAsync();

        s.Figure("healedAfterSeconds", healed.TotalSeconds);
        Assert.True(load.Failed.Count == 0, load.Describe());

        void Remembering(MeshOptions options)
        {
            options.Service = "caller";
            options.Consul.Address = s.Consul.Address.ToString();
            options.Consul.TokenFile = file;
            options.Discovery.SuspectWindow = TimeSpan.FromSeconds(1);
            options.Snapshot.Enabled = true;
            options.Snapshot.Folder = Path.Combine(s.Folder, "caller");
        }
    }, variant: how);

    [Fact]
    public Task Token_WrongAtStartWithoutSnapshot_SaysSoAndHealsByItself() => Scenario.RunAsync(output, async s =>
    {
        var a = await s.StartBackendAsync("a");
        await s.Operator.RegisterAsync("orders", "a", a.Port);
        var file = TokenFile(s, Guid.NewGuid().ToString());
        var caller = await s.StartCallerAsync(o =>
        {
            o.Consul.TokenFile = file;
            o.Upstreams["orders"] = new MeshUpstreamOptions();
        });
        await Eventually.TrueAsync(
            async () => (await caller.ReadinessAsync()).Description!.Contains(file, StringComparison.Ordinal),
            "health to say whose token is refused");
        Assert.NotEqual(HealthStatus.Healthy, (await caller.ReadinessAsync()).Status);

        await File.WriteAllTextAsync(file, await s.TokenAsync(TokenRules.Client));
        var healed = await Eventually.TrueAsync(() => caller.Endpoints("ready") == 1, "the endpoint to be found");
        var load = s.StartLoad(caller, "http://orders/");
        await load.AfterAsync(100);
        await load.StopAsync();

        s.Figure("healedAfterSeconds", healed.TotalSeconds);
        Assert.True(load.Failed.Count == 0, load.Describe());
    });

    [Fact]
    public Task ServiceToken_DeletedAndReplaced_CallersNoticeNothingAndNoGhostIsLeft() => Scenario.RunAsync(output, async s =>
    {
        await s.Operator.PutRoundRobinAsync("greeter");
        var token = await s.Consul.CreateTokenAsync(TokenRules.Service("greeter"));
        var file = TokenFile(s, token);
        var one = await StartAsync("one");
        var two = await StartAsync("two");
        var caller = await s.StartCallerAsync();
        var load = s.StartHelloLoad(caller);
        await load.AfterAsync(100);

        await s.Consul.DeleteTokenAsync(token);
        await Eventually.TrueAsync(
            async () => await s.Operator.AgentCheckAsync("one") == "critical" &&
                        await s.Operator.AgentCheckAsync("two") == "critical",
            "heartbeats to be missed");
        await load.AfterAsync(300);
        Assert.Contains("reason acl", one.Log, StringComparison.Ordinal);
        Assert.Contains(file, one.Log, StringComparison.Ordinal);

        await File.WriteAllTextAsync(file, await s.Consul.CreateTokenAsync(TokenRules.Service("greeter")));
        var healed = await Eventually.TrueAsync(
            async () => await s.Operator.AgentCheckAsync("one") == "passing" &&
                        await s.Operator.AgentCheckAsync("two") == "passing",
            "both to report again");
        await load.AfterAsync(100);

        // The agent tells the catalog with the token of the registration: with the old one nobody would hear of this end.
        await one.TerminateAsync();
        Assert.True(one.ExitCode == 0, one.Log);
        await Eventually.TrueAsync(
            async () => (await s.Operator.InstancesAsync("greeter")).SequenceEqual(["two"]), "the stopped one to be gone");
        await load.AfterAsync(100);
        await load.StopAsync();

        s.Figure("healedAfterSeconds", healed.TotalSeconds);
        Assert.True(load.Answered(Scenario.AnswerOf(two)) > 50, "The second was hardly used.");
        Assert.True(load.Failed.Count == 0, load.Describe());

        async Task<ServiceProcess> StartAsync(string instance)
        {
            var process = await s.StartProcessAsync(
                Scenario.Callee, instance, 0,
                ("CONSUL_HTTP_TOKEN_FILE", file), ("Mesh__Server__Ttl", "3s"));
            await s.RegisteredAsync("greeter", instance);
            return process;
        }
    });

    private static string TokenFile(Scenario s, string token)
    {
        var file = Path.Combine(s.Folder, "token");
        File.WriteAllText(file, token);
        return file;
    }
}
