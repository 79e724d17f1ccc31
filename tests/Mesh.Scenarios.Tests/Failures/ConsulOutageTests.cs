using Mesh.Client;
using Mesh.Scenarios.Tests.Support;
using Xunit.Abstractions;

namespace Mesh.Scenarios.Tests.Failures;

/// <summary>The registry goes away under load: nobody who calls notices.</summary>
public sealed class ConsulOutageTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("killed")]
    [InlineData("stopped")]
    [InlineData("paused")]
    public Task Consul_LostUnderLoad_CallsGoOnAndLaterInstancesAreSeen(string how) => Scenario.RunAsync(output, async s =>
    {
        await s.Operator.PutRoundRobinAsync("greeter");
        var (one, two) = (await s.StartCalleeAsync("one"), await s.StartCalleeAsync("two"));
        var caller = await s.StartCallerAsync();
        var load = s.StartHelloLoad(caller);
        await load.AfterAsync(100);

        await (how switch { "killed" => s.Consul.KillAsync(), "stopped" => s.Consul.StopAsync(), _ => PauseAsync(s) });
        var lost = load.Now;
        await load.AfterAsync(300);
        Assert.Equal(2, caller.Endpoints("ready"));
        Assert.True(
            how == "paused" || caller.Count(MeshTelemetry.DiscoveryUpdates, "failed") > 0, "The loss went unnoticed.");
        var three = await s.StartCalleeAsync("three", registered: false);

        await (how == "paused" ? ResumeAsync(s) : s.Consul.RestartAsync());
        var seen = await Eventually.TrueAsync(
            () => load.Answered(Scenario.AnswerOf(three)) > 10, "the instance that started meanwhile to be used");
        await load.StopAsync();

        Assert.True(load.Failed.Count == 0, load.Describe());
        Assert.True(load.Answered(Scenario.AnswerOf(one), lost) > 15, "The first was left unused.");
        Assert.True(load.Answered(Scenario.AnswerOf(two), lost) > 15, "The second was left unused.");
        s.Figure("seenAfterSeconds", seen.TotalSeconds);
    }, variant: how);

    private static Task PauseAsync(Scenario s)
    {
        s.Consul.Pause();
        return Task.CompletedTask;
    }

    private static Task ResumeAsync(Scenario s)
    {
        s.Consul.Resume();
        return Task.CompletedTask;
    }
}
