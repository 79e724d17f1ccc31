using Mesh.Client;
using Mesh.Scenarios.Tests.Support;
using Mesh.Testing;
using Xunit.Abstractions;

namespace Mesh.Scenarios.Tests.Failures;

/// <summary>Every endpoint looks bad: all of them are used rather than none.</summary>
public sealed class PanicTests(ITestOutputHelper output)
{
    [Fact]
    public Task Endpoints_AllCriticalUnderLoad_AllServeButTheOneInMaintenance() => Scenario.RunAsync(output, async s =>
    {
        var backends = await StartAsync(s);
        await s.Operator.PutRoundRobinAsync("orders");
        var caller = await s.StartCallerAsync();
        var load = s.StartLoad(caller, "http://orders/");
        await load.AfterAsync(150);
        await s.Operator.SetMaintenanceAsync("c", on: true);
        await Eventually.TrueAsync(() => caller.Endpoints("maintenance") == 1, "the maintenance");
        var panics = caller.Count(MeshTelemetry.Panics);
        var (since, left) = (load.Now, backends[2].RequestCount);

        await s.Operator.FailCheckAsync("a");
        await s.Operator.FailCheckAsync("b");
        await Eventually.TrueAsync(() => caller.Endpoints("critical") == 2, "both to be critical");
        await load.AfterAsync(300);
        await load.StopAsync();

        Assert.True(load.Failed.Count == 0, load.Describe());
        Assert.True(caller.Count(MeshTelemetry.Panics) > panics, "Nobody panicked.");
        Assert.True(load.Answered("a", since) > 15, "The first was left unused.");
        Assert.True(load.Answered("b", since) > 15, "The second was left unused.");
        Assert.InRange(backends[2].RequestCount, left, left + 1);
    });

    [Fact]
    public Task Endpoints_AllFailing_AllAreTriedAndTheFirstToRecoverServes() => Scenario.RunAsync(output, async s =>
    {
        await s.Operator.PutPolicyAsync("orders", """
            { "schema": 1, "outlier": { "maxEjected": "100%", "eject": { "base": "1m" } } }
            """);
        var backends = await StartAsync(s);
        var caller = await s.StartCallerAsync();
        var load = s.StartLoad(caller, "http://orders/");
        await load.AfterAsync(150);

        backends.ForEach(b => b.Respond(BackendAnswer.Status(503)));
        await Eventually.TrueAsync(() => caller.Count(MeshTelemetry.Panics) > 0, "panic");
        var counts = backends.Select(b => b.RequestCount).ToArray();
        await load.AfterAsync(200);
        Assert.All(
            backends.Zip(counts), b => Assert.True(b.First.RequestCount > b.Second, $"{b.First.Name} was given up."));

        backends.ForEach(b => b.Respond(BackendAnswer.Default));
        await load.AfterAsync(20);
        var recovered = load.Now;
        await load.AfterAsync(150);
        await load.StopAsync();

        Assert.NotEmpty(load.Failed);
        Assert.DoesNotContain(load.Failed, c => !c.Failure!.StartsWith("503", StringComparison.Ordinal));
        Assert.DoesNotContain(load.Failed, c => c.Start > recovered);
    });

    private static async Task<List<HttpBackend>> StartAsync(Scenario s)
    {
        var backends = new List<HttpBackend>();
        foreach (var name in (string[])["a", "b", "c"])
        {
            backends.Add(await s.StartBackendAsync(name));
            await s.Operator.RegisterAsync("orders", name, backends[^1].Port, check: true);
        }

        return backends;
    }
}
