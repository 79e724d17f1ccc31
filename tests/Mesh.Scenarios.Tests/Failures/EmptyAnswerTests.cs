using Mesh.Client;
using Mesh.Scenarios.Tests.Support;
using Xunit.Abstractions;

namespace Mesh.Scenarios.Tests.Failures;

/// <summary>The registry forgets what still lives.</summary>
public sealed class EmptyAnswerTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(4);

    [Fact]
    public Task Consul_AnswersEmpty_VanishedEndpointsServeForTheWholeWindow() => Scenario.RunAsync(output, async s =>
    {
        var (a, b) = (await s.StartBackendAsync("a"), await s.StartBackendAsync("b"));
        await s.Operator.RegisterAsync("orders", "a", a.Port);
        await s.Operator.RegisterAsync("orders", "b", b.Port);
        var caller = await s.StartCallerAsync(o => o.Discovery.SuspectWindow = Window);
        var load = s.StartLoad(caller, "http://orders/");
        await load.AfterAsync(100);

        var forgotten = load.Now;
        await s.Operator.DeregisterAsync("a");
        await s.Operator.DeregisterAsync("b");
        await Eventually.TrueAsync(() => caller.Endpoints("suspect") > 0, "suspects", Window / 2);
        await Eventually.TrueAsync(() => load.Now > forgotten + (Window * 0.9), "nine tenths of the window");
        await load.StopAsync();

        Assert.True(load.Failed.Count == 0, load.Describe());
        Assert.True(load.Calls.Count(c => c.Start > forgotten) > 100, "Too few calls were made meanwhile.");
        Assert.True(caller.Count(MeshTelemetry.DiscoveryUpdates, "empty") > 0, "Nothing was doubted.");
        await Eventually.TrueAsync(() => caller.Endpoints("suspect") == 0, "a consistent read to end the doubt");
        var error = await Assert.ThrowsAsync<MeshException>(() => caller.Client.GetAsync("http://orders/"));
        Assert.Equal(MeshFailureReason.NoEndpoints, error.Reason);
    });

    [Fact]
    public Task Consul_ForgetsLivingProcesses_TheyServeAndComeBackByThemselves() => Scenario.RunAsync(output, async s =>
    {
        await s.Operator.PutRoundRobinAsync("greeter");
        var (one, two) = (await s.StartCalleeAsync("one"), await s.StartCalleeAsync("two"));
        var caller = await s.StartCallerAsync();
        var load = s.StartHelloLoad(caller);
        await load.AfterAsync(100);

        var forgotten = load.Now;
        await s.Operator.DeregisterAsync("one");
        await s.Operator.DeregisterAsync("two");
        await s.RegisteredAsync("greeter", "one");
        await s.RegisteredAsync("greeter", "two");
        await Eventually.TrueAsync(() => caller.Endpoints("ready") == 2, "both to be ready again");
        await load.AfterAsync(150);
        await load.StopAsync();

        Assert.True(load.Failed.Count == 0, load.Describe());
        Assert.True(load.Answered(Scenario.AnswerOf(one), forgotten) > 10, "The first was left unused.");
        Assert.True(load.Answered(Scenario.AnswerOf(two), forgotten) > 10, "The second was left unused.");
    });

    [Fact]
    public Task Consul_ListsOneOfTwo_TheOtherIsLeftAtOnce() => Scenario.RunAsync(output, async s =>
    {
        var (a, b) = (await s.StartBackendAsync("a"), await s.StartBackendAsync("b"));
        await s.Operator.RegisterAsync("orders", "a", a.Port);
        await s.Operator.RegisterAsync("orders", "b", b.Port);
        await s.Operator.PutRoundRobinAsync("orders");
        var caller = await s.StartCallerAsync();
        var load = s.StartLoad(caller, "http://orders/");
        await load.AfterAsync(100);
        Assert.True(load.Answered("b") > 5, "It was not used before.");

        await s.Operator.DeregisterAsync("b");
        var gone = load.Now;
        await load.AfterAsync(300);
        await load.StopAsync();

        var last = load.Calls.Where(c => c.Answer == "b").Max(c => c.Start) - gone;
        s.Figure("leftAfterSeconds", last.TotalSeconds);
        Assert.True(load.Failed.Count == 0, load.Describe());
        Assert.True(last < TimeSpan.FromSeconds(1), $"It was still called {last} later.");
    });
}
