using Mesh.Scenarios.Tests.Support;
using Xunit.Abstractions;

namespace Mesh.Scenarios.Tests.Deploys;

/// <summary>A stop that does not go by the book.</summary>
public sealed class StopSignalTests(ITestOutputHelper output)
{
    [Fact]
    public Task AskedTwiceToStop_WithConsulDead_FinishesItsStream_ExitsWithZero_AndNoCallFails() =>
        Scenario.RunAsync(output, async s =>
        {
            await s.Operator.PutRoundRobinAsync("front");
            var stopping = await s.StartServiceAsync("front", "front-1");
            var staying = await s.StartServiceAsync("front", "front-2");
            var caller = await s.StartCallerAsync();
            var load = s.StartLoad(caller, "http://front/who", rate: 200, noRetry: true);
            await Eventually.TrueAsync(
                () => new[] { stopping, staying }.All(p => load.Answered($"{p.Name} {p.Id}") > 20), "both to be used");
            LongStream stream;
            do
            {
                stream = await LongStream.OpenPlainAsync(caller, "front");
            }
            while (!stream.FirstLine.Contains($"{stopping.Name} {stopping.Id}", StringComparison.Ordinal));

            // Nobody hears from Consul that it leaves: its answers must say so.
            await s.Consul.KillAsync();
            Signals.Send(stopping.Id, Signals.Terminate);
            await Eventually.TrueAsync(
                () => stopping.Log.Contains("could not leave Consul", StringComparison.Ordinal), "the drain");
            await stopping.TerminateAsync();

            Assert.True(stopping.ExitCode == 0, stopping.Log);
            await stream.End;
            await load.AfterAsync(100);
            await load.StopAsync();
            Assert.True(load.Failed.Count == 0, load.Describe());
        });
}
