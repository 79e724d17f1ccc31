using System.Globalization;
using Mesh.Scenarios.Tests.Support;
using Xunit.Abstractions;

namespace Mesh.Scenarios.Tests.Herds;

/// <summary>The desk is gone for minutes, for everybody at once.</summary>
public sealed class DeskGoneTests(ITestOutputHelper output)
{
    [Fact]
    public Task Desk_GoneForTwentyClients_TheyReadKvOneAfterTheOtherAndReturn() => Scenario.RunAsync(output, async s =>
    {
        var (a, b) = (await s.StartBackendAsync("a"), await s.StartBackendAsync("b"));
        await s.Operator.RegisterAsync("orders", "a", a.Port, version: "1");
        await s.Operator.RegisterAsync("orders", "b", b.Port, version: "2");
        await s.Operator.PutPolicyAsync("orders", Splits.Between(v1: 100, v2: 0));
        var port = Ports.Next();
        var desk = await s.StartProcessAsync(Scenario.Desk, "desk-1", port);
        var herd = new Herd(s);
        await herd.StartAsync(processes: 0, callers: 20, ["orders"], o => o.ConfigServer = desk.Address.ToString());
        await Task.WhenAll(herd.Callers.Select(c => c.GovernedAsync()));
        var load = s.StartLoad(herd.Callers[0], "http://orders/", rate: 50);
        await load.AfterAsync(50);

        await desk.KillAsync();
        var lost = load.Now;
        await Eventually.TrueAsync(
            () => herd.Callers.All(c => c.Log.Contains(" 2009 ", StringComparison.Ordinal)),
            "everybody to read KV",
            TimeSpan.FromSeconds(70));
        var turned = herd.Callers.Select(c => Said(c, " 2009 ")).Order().ToArray();
        await s.Operator.PutPolicyAsync("orders", Splits.Between(v1: 0, v2: 100));
        var obeyed = await Eventually.TrueAsync(() => load.Answered("b", lost) > 0, "what was written meanwhile");

        await s.StartProcessAsync(Scenario.Desk, "desk-2", port);
        var returned = await Eventually.TrueAsync(
            () => herd.Callers.All(c => Times(c, " 2007 ") == 2), "everybody to be back at the desk");
        var back = herd.Callers.Select(c => Said(c, " 2007 ")).Order().ToArray();
        await load.StopAsync();

        s.Figure("kvAfterSeconds", (turned[0] - Said(herd.Callers[0], " 2006 ")).TotalSeconds);
        s.Figure("kvSpreadSeconds", (turned[^1] - turned[0]).TotalSeconds);
        s.Figure("obeyedSeconds", obeyed.TotalSeconds);
        s.Figure("returnedSeconds", returned.TotalSeconds);
        s.Figure("returnSpreadSeconds", (back[^1] - back[0]).TotalSeconds);
        Assert.True(load.Failed.Count == 0, load.Describe());
        Assert.True(turned[^1] - turned[0] > TimeSpan.FromSeconds(5), "They turned to KV together.");
        Assert.True(back[^1] - back[0] > TimeSpan.FromSeconds(1), "They came back together.");
    });

    private static int Times(MeshCaller caller, string code) => caller.Log.Split(code).Length - 1;

    /// <summary>When a caller said something the last time.</summary>
    private static TimeSpan Said(MeshCaller caller, string code) => TimeSpan.Parse(
        caller.Log.Split('\n').Last(l => l.Contains(code, StringComparison.Ordinal)).Split(' ')[0],
        CultureInfo.InvariantCulture);
}
