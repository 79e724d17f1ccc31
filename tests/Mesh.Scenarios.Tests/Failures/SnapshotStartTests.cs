using Mesh.Client;
using Mesh.Scenarios.Tests.Support;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Xunit.Abstractions;

namespace Mesh.Scenarios.Tests.Failures;

/// <summary>A process that starts while Consul is down knows what its predecessor knew.</summary>
public sealed class SnapshotStartTests(ITestOutputHelper output)
{
    [Fact]
    public Task Start_WhileConsulIsDown_CallsSucceedUnderTheRememberedPolicyAndReadinessIsDegraded() =>
        Scenario.RunAsync(output, async s =>
        {
            var (a, b) = (await s.StartBackendAsync("a"), await s.StartBackendAsync("b"));
            await s.Operator.RegisterAsync("orders", "a", a.Port, version: "1");
            await s.Operator.RegisterAsync("orders", "b", b.Port, version: "2");
            await s.Operator.PutPolicyAsync("orders", Splits.Between(v1: 0, v2: 100));
            var token = await s.TokenAsync(TokenRules.Client);
            await using (var first = await MeshCaller.StartAsync(Remembering))
            {
                await using var warmUp = Load.Start(first.Client, "http://orders/", 50);
                await first.GovernedAsync();
                await warmUp.AfterAsync(20);
                await warmUp.StopAsync();
                Assert.True(warmUp.Failed.Count == 0, warmUp.Describe());
                Assert.Equal(HealthStatus.Healthy, (await first.ReadinessAsync()).Status);
            }

            await s.Consul.KillAsync();
            var before = a.RequestCount;
            var second = await s.StartCallerAsync(Remembering);
            var load = s.StartLoad(second, "http://orders/");
            await load.AfterAsync(300);
            var readiness = await second.ReadinessAsync();
            await load.StopAsync();

            Assert.True(load.Failed.Count == 0, load.Describe());
            Assert.Equal(before, a.RequestCount);
            Assert.Equal(HealthStatus.Degraded, readiness.Status);
            Assert.Contains("orders come from the snapshot", readiness.Description, StringComparison.Ordinal);

            void Remembering(MeshOptions options)
            {
                options.Service = "caller";
                options.Consul.Address = s.Consul.Address.ToString();
                options.Consul.Token = token;
                options.Snapshot.Enabled = true;
                options.Snapshot.Folder = Path.Combine(s.Folder, "caller");
            }
        });

    [Fact]
    public Task Start_OfAProcessWhileConsulIsDown_ItServesFromTheFirstRequest() => Scenario.RunAsync(output, async s =>
    {
        var callee = await s.StartCalleeAsync("one");
        var first = await s.StartProcessAsync(Scenario.Caller, "hello-1");
        using var client = new HttpClient();
        Assert.Contains($"process {callee.Id}", await client.GetStringAsync(first.Address), StringComparison.Ordinal);
        await first.TerminateAsync();
        Assert.True(first.ExitCode == 0, first.Log);

        await s.Consul.KillAsync();
        var second = await s.StartProcessAsync(Scenario.Caller, "hello-2");
        for (var i = 0; i < 50; i++)
        {
            var answer = await client.GetStringAsync(second.Address);
            Assert.Contains($"process {callee.Id}", answer, StringComparison.Ordinal);
        }
    });
}
