using Mesh.Client;
using Mesh.Scenarios.Tests.Support;
using Mesh.Testing;
using Xunit.Abstractions;

namespace Mesh.Scenarios.Tests.Failures;

/// <summary>One of several endpoints goes bad under load: the others take its calls.</summary>
public sealed class EndpointFailureTests(ITestOutputHelper output)
{
    [Fact]
    public Task Process_KilledUnderLoad_NoCallFailsAndItIsTakenOut() => Scenario.RunAsync(output, async s =>
    {
        await s.Operator.PutRoundRobinAsync("greeter");
        await s.StartCalleeAsync("one");
        await s.StartCalleeAsync("two");
        var victim = await s.StartCalleeAsync("three");
        var caller = await s.StartCallerAsync();
        var load = s.StartHelloLoad(caller, rate: 200);
        await load.AfterAsync(300);
        Assert.True(load.Answered(Scenario.AnswerOf(victim)) > 30, "It was hardly used before.");

        await victim.KillAsync();
        await Eventually.TrueAsync(
            () => caller.Endpoints("ready") == 2, "the dead one to be taken out", TimeSpan.FromSeconds(3));
        var retries = caller.Count(MeshTelemetry.Retries);
        await load.AfterAsync(600);
        await load.StopAsync();

        s.Figure("retries", caller.Count(MeshTelemetry.Retries));
        Assert.True(load.Failed.Count == 0, load.Describe());
        Assert.True(caller.Count(MeshTelemetry.Retries) > 0, "Nothing was repeated.");


        // Consul still lists it: it gets a look now and then, but no share.
        Assert.InRange(caller.Count(MeshTelemetry.Retries) - retries, 0, 10);
    });

    [Fact]
    public Task Process_FrozenUnderLoad_NoCallFailsAndItComesBackWhenThawed() => Scenario.RunAsync(output, async s =>
    {
        await s.Operator.PutPolicyAsync("greeter", """
            {
              "schema": 1,
              "timeout": { "total": "4s", "attempt": "500ms" },
              "outlier": { "eject": { "base": "2s", "max": "2s" } },
              "balance": { "algorithm": "round-robin", "slowStart": "1s" }
            }
            """);
        await s.StartCalleeAsync("one");
        await s.StartCalleeAsync("two");
        var victim = await s.StartCalleeAsync("three");
        var caller = await s.StartCallerAsync();
        var load = s.StartHelloLoad(caller, rate: 100);
        await load.AfterAsync(300);
        Assert.True(load.Answered(Scenario.AnswerOf(victim)) > 30, "It was hardly used before.");

        victim.Freeze();
        await Eventually.TrueAsync(
            () => caller.Count(MeshTelemetry.EndpointEjections) > 0, "the frozen one to be ejected");
        await load.AfterAsync(200);
        victim.Thaw();
        var thawed = load.Now;
        await Eventually.TrueAsync(
            () => load.Answered(Scenario.AnswerOf(victim), thawed) > 20, "the thawed one to be used again");
        await load.StopAsync();

        s.Figure("retries", caller.Count(MeshTelemetry.Retries));
        s.Figure("slowestSeconds", load.Calls.Max(c => c.Took).TotalSeconds);
        Assert.True(load.Failed.Count == 0, load.Describe());
        Assert.True(caller.Count(MeshTelemetry.Retries) > 0, "Nothing was repeated.");
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public Task Endpoint_FailingFast_AttractsNoTraffic(bool ejects) => Scenario.RunAsync(output, async s =>
    {
        // Turn by turn it would get its full share if it were not ejected; by load it loses its share before.
        await s.Operator.PutPolicyAsync("orders", ejects
            ? """{ "schema": 1, "balance": { "algorithm": "round-robin" } }"""
            : """{ "schema": 1, "outlier": "off" }""");

        var backends = new List<HttpBackend>();
        foreach (var name in (string[])["a", "b", "bad"])
        {
            backends.Add(await s.StartBackendAsync(name));
            backends[^1].Respond(BackendAnswer.Delay(TimeSpan.FromMilliseconds(3)));
            await s.Operator.RegisterAsync("orders", name, backends[^1].Port);
        }

        var bad = backends[^1];
        var caller = await s.StartCallerAsync();
        var load = s.StartLoad(caller, "http://orders/", rate: 200);
        await load.AfterAsync(300);
        Assert.True(bad.RequestCount > 50, "It was hardly used before.");

        bad.Respond(BackendAnswer.Status(503));
        var (calls, seen) = (load.Calls.Count, bad.RequestCount);
        await load.AfterAsync(800);
        await load.StopAsync();

        var share = (bad.RequestCount - seen) / (double)(load.Calls.Count - calls);
        s.Figure("share", share);
        Assert.True(load.Failed.Count == 0, load.Describe());
        Assert.True(bad.RequestCount > seen, "It was never called while it failed.");
        Assert.True(share < 0.1, $"It got {share:P1} of the calls: a third was its share.");
        Assert.Equal(ejects ? 1 : 0, caller.Count(MeshTelemetry.EndpointEjections));
    }, variant: ejects ? "ejecting" : "only-biasing");
}
