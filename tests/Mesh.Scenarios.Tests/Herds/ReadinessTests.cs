using Mesh.Client;
using Mesh.Scenarios.Tests.Support;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Xunit.Abstractions;

namespace Mesh.Scenarios.Tests.Herds;

/// <summary>Readiness waits for answers, never for endpoints, and not for ever.</summary>
public sealed class ReadinessTests(ITestOutputHelper output)
{
    [Fact]
    public Task Services_ThatListOneAnother_BothBecomeReady() => Scenario.RunAsync(output, async s =>
    {
        var starting = new[]
        {
            s.StartServiceAsync("ping", "ping-1", settings:
                [("Mesh__Upstreams__pong__Port", "80"), ("Scenario__Next", "http://pong")]),
            s.StartServiceAsync("pong", "pong-1", settings:
                [("Mesh__Upstreams__ping__Port", "80"), ("Scenario__Next", "http://ping")]),
        };
        var processes = await Task.WhenAll(starting);

        using var client = new HttpClient();
        await Eventually.TrueAsync(
            async () => (await client.GetAsync(new Uri(processes[0].Address, "/who?hops=2"))).IsSuccessStatusCode,
            "a call around the circle");
        Assert.All(processes, p => Assert.False(p.HasExited));
    });

    [Fact]
    public Task Agent_Hangs_ReadinessWaitsHalfAMinuteAndIsDegradedThen() => Scenario.RunAsync(output, async s =>
    {
        await s.TokenAsync(TokenRules.Client);
        s.Consul.Pause();
        var caller = await s.StartCallerAsync(o => o.Upstreams["orders"] = new MeshUpstreamOptions());

        var first = await caller.ReadinessAsync();
        var waited = await Eventually.TrueAsync(
            async () => (await caller.ReadinessAsync()).Status == HealthStatus.Degraded,
            "readiness to go on degraded",
            TimeSpan.FromSeconds(40));

        s.Figure("degradedAfterSeconds", waited.TotalSeconds);
        Assert.Equal(HealthStatus.Unhealthy, first.Status);
        Assert.InRange(waited.TotalSeconds, 20, 35);
        s.Consul.Resume();
        await s.Operator.RegisterAsync("orders", "o", 1);
        await Eventually.TrueAsync(
            async () => (await caller.ReadinessAsync()).Status == HealthStatus.Healthy, "all to be well again");
    });
}
