using Mesh.Client;
using Mesh.Scenarios.Tests.Support;
using Xunit.Abstractions;

namespace Mesh.Scenarios.Tests.Failures;

/// <summary>A deploy: instances stop one after the other while they are called.</summary>
public sealed class RollingStopTests(ITestOutputHelper output)
{
    [Fact]
    public Task Processes_ReplacedOneAfterTheOther_NoCallFailsThoughNoneMayBeRepeated() =>
        Scenario.RunAsync(output, async s =>
        {
            await s.Operator.PutRoundRobinAsync("greeter");
            var old = new[] { await s.StartCalleeAsync("one"), await s.StartCalleeAsync("two") };
            var caller = await s.StartCallerAsync();
            var load = s.StartHelloLoad(caller, rate: 200, noRetry: true);
            await load.AfterAsync(200);

            for (var i = 0; i < old.Length; i++)
            {
                Assert.True(load.Answered(Scenario.AnswerOf(old[i])) > 10, $"{old[i].Name} was hardly used before.");
                await old[i].TerminateAsync();
                Assert.True(old[i].ExitCode == 0, old[i].Log);
                var replacement = await s.StartCalleeAsync($"new-{i}");
                await Eventually.TrueAsync(
                    () => load.Answered(Scenario.AnswerOf(replacement)) > 10, $"{replacement.Name} to be used");
            }

            await load.StopAsync();
            Assert.True(load.Failed.Count == 0, load.Describe());
            Assert.Equal(0, caller.Count(MeshTelemetry.Retries));
        });
}
