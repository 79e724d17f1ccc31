using Mesh.Scenarios.Tests.Support;
using Xunit.Abstractions;

namespace Mesh.Scenarios.Tests.Failures;

/// <summary>The desk dies and another takes its place.</summary>
public sealed class DeskLossTests(ITestOutputHelper output)
{
    [Fact]
    public Task Desk_KilledAndReplacedUnderLoad_PolicyStaysAndWhatWasEditedMeanwhileArrives() =>
        Scenario.RunAsync(output, async s =>
        {
            var (a, b) = (await s.StartBackendAsync("a"), await s.StartBackendAsync("b"));
            await s.Operator.RegisterAsync("orders", "a", a.Port, version: "1");
            await s.Operator.RegisterAsync("orders", "b", b.Port, version: "2");
            await s.Operator.PutPolicyAsync("orders", Splits.Between(v1: 100, v2: 0));
            var port = Ports.Next();
            var desk = await s.StartProcessAsync(Scenario.Desk, "desk-1", port);
            var caller = await s.StartCallerAsync(o => o.ConfigServer = desk.Address.ToString());
            var load = s.StartLoad(caller, "http://orders/");
            await caller.GovernedAsync();
            await load.AfterAsync(100);

            await desk.KillAsync();
            var lost = load.Now;
            await load.AfterAsync(150);
            await s.Operator.PutPolicyAsync("orders", Splits.Between(v1: 0, v2: 100));
            await load.AfterAsync(150);
            Assert.Equal(0, load.Answered("b", lost));

            await s.StartProcessAsync(Scenario.Desk, "desk-2", port);
            var replaced = await Eventually.TrueAsync(
                () => load.Answered("b", lost) > 0, "what was edited meanwhile", TimeSpan.FromSeconds(25));
            await load.AfterAsync(50);
            var settled = load.Now;
            await load.AfterAsync(150);
            await load.StopAsync();

            s.Figure("replacedAfterSeconds", replaced.TotalSeconds);
            Assert.True(load.Failed.Count == 0, load.Describe());
            Assert.Equal(0, load.Answered("a", settled));
        });
}
