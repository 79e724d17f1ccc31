using Mesh.Scenarios.Tests.Support;
using Xunit.Abstractions;

namespace Mesh.Scenarios.Tests.Deploys;

/// <summary>
/// A deploy loses nothing: every instance of a chain of three services is restarted twice, one after the other, under load.
/// </summary>
/// <remarks>
/// How it is counted. A call is what an application asks of <c>HttpClient</c> once, whatever happens underneath: half of
/// them go through all three services (HTTP/1.1, HTTP/2, HTTP/1.1), a quarter is gRPC to the second, a quarter goes to the
/// third only. Requests between the services are not counted as calls. Three of ten are POST without an idempotency key: its
/// id is written to a ledger by every instance that executes it, before it answers. Failed is what did not end in the
/// expected answer; duplicates are ids that stand more than once in the ledgers of one service; and the ledgers must hold
/// exactly the ids of the calls that succeeded, so nothing was executed and then reported as failed. Each instance
/// serves a stream from before its SIGTERM until after its listener has closed. The rate is the mean of the whole run.
/// </remarks>
public sealed class RollingRestartTests(ITestOutputHelper output)
{
    private const int Rounds = 2;
    private const int Calls = 200_000;
    private const int Rate = 2_200;
    private const int LeastRate = 1_000;
    private const int FullSpeed = 1_000_000;
    private const int MostRestarts = 24;
    private const int Posts = 3;

    // Slow machines may reach the calls late, not never.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(Calls / LeastRate);

    [Fact]
    public Task EveryInstanceRestartedTwice_UnderLoad_NoCallFailsAndNoneIsExecutedTwice() =>
        Scenario.RunAsync(output, async s =>
        {
            var chain = new Chain(s, drain: true);
            await chain.StartAsync();
            MeshCaller[] callers = [await s.StartCallerAsync(), await s.StartCallerAsync()];
            await using var load = new ChainLoad(callers, Rate, Posts);
            var streams = new List<LongStream>();
            for (var round = 0; round < Rounds; round++)
            {
                foreach (var service in Chain.Services)
                {
                    await RestartAsync(chain, service, 1, load, callers[0], streams, duplex: round == 0);
                    await RestartAsync(chain, service, 2, load, callers[1], streams, duplex: round == 1);
                }
            }

            await load.ReachAsync(Calls, Patience);
            await load.StopAsync();
            Keep(s, load, chain, streams.Count);
            Assert.True(load.Failed.Count == 0, load.Describe());
            AssertLedgers(s, load);
            var rate = load.Calls / load.Elapsed.TotalSeconds;
            Assert.True(rate >= LeastRate, $"{load.Calls} calls in {load.Elapsed}: {rate:F0}/s.");
            Assert.Equal(Chain.Services.Length * 2 * (1 + Rounds), chain.Pids.Distinct().Count());
        });

    /// <summary>
    /// The control: without it, zero failures could be luck. At full speed, so that on a machine of any kind a POST is on its
    /// way to some connection while that is closed; it goes on until one has failed, and nobody else repeats it.
    /// </summary>
    [Fact]
    public Task DrainSwitchedOff_TheSameRestarts_FailCalls() =>
        Scenario.RunAsync(output, async s =>
        {
            var chain = new Chain(s, drain: false);
            await chain.StartAsync();
            MeshCaller[] callers = [await s.StartCallerAsync(), await s.StartCallerAsync()];
            await using var load = new ChainLoad(callers, FullSpeed, Posts);
            var restarts = 0;
            for (; restarts < MostRestarts && load.Failed.Count == 0; restarts++)
            {
                await load.ReachAsync(load.Calls + Rate, Patience);
                await chain.RestartAsync(Chain.Services[restarts / 2 % 3], 1 + (restarts % 2));
            }

            await load.StopAsync();
            Keep(s, load, chain, streams: 0);
            s.Figure("restarts", restarts);
            Assert.True(load.Failed.Count > 0, $"{load.Calls} calls, {restarts} restarts, and nothing failed.");
            output.WriteLine(load.Describe());
        });

    /// <summary>One restart, with a stream across it, until the new process is at work.</summary>
    private static async Task RestartAsync(
        Chain chain, string service, int number, ChainLoad load, MeshCaller caller, List<LongStream> streams, bool duplex)
    {
        var old = chain.Process(service, number);
        var opened = await OpenOnAsync(caller, service, old, streams, duplex);
        var asked = DateTime.UtcNow;
        await chain.RestartAsync(service, number);
        var end = await opened.End;
        Assert.True(asked < end, $"The stream on {old.Name} ended at {end:O}, before the stop at {asked:O}.");

        var next = chain.Process(service, number);
        await Eventually.TrueAsync(() => load.AnsweredBy(next.Id) >= 50, $"{next.Name} to be used");
        await Task.WhenAll(streams.Select(stream => stream.End));
    }

    /// <summary>Opens streams until one is served by this process; all of them must end well.</summary>
    private static async Task<LongStream> OpenOnAsync(
        MeshCaller caller, string service, ServiceProcess process, List<LongStream> streams, bool duplex)
    {
        while (true)
        {
            var stream = service == "middle"
                ? await LongStream.OpenGrpcAsync(caller, duplex)
                : await LongStream.OpenPlainAsync(caller, service);
            streams.Add(stream);
            if (stream.FirstLine.Contains($"{process.Name} {process.Id}", StringComparison.Ordinal))
            {
                return stream;
            }
        }
    }

    private static void AssertLedgers(Scenario scenario, ChainLoad load)
    {
        foreach (var service in Chain.Services)
        {
            var executed = scenario.Executed(service).Where(id => id.Length > 0).Order(StringComparer.Ordinal);
            var asked = Enumerable.Range(0, load.Calls)
                .Where(call => load.IsPost(call) && ChainLoad.PathOf(call).Contains(service)).Select(ChainLoad.IdOf)
                .Order(StringComparer.Ordinal);
            Assert.Equal(asked, executed);
        }
    }

    private static int Duplicates(Scenario scenario) => Chain.Services.Sum(service =>
    {
        var executed = scenario.Executed(service).Where(id => id.Length > 0).ToList();
        return executed.Count - executed.Distinct().Count();
    });

    private static void Keep(Scenario scenario, ChainLoad load, Chain chain, int streams)
    {
        scenario.Figure("calls", load.Calls);
        scenario.Figure("failed", load.Failed.Count);
        scenario.Figure("duplicates", Duplicates(scenario));
        scenario.Figure("executedButFailed", load.Failed.Keys.Select(ChainLoad.IdOf)
            .Intersect(Chain.Services.SelectMany(scenario.Executed)).Count());
        scenario.Figure("posts", Enumerable.Range(0, load.Calls).Count(load.IsPost));
        scenario.Figure("streams", streams);
        scenario.Figure("seconds", load.Elapsed.TotalSeconds);
        scenario.Figure("rate", load.Calls / load.Elapsed.TotalSeconds);
        scenario.Figure("pids", chain.Pids);
    }
}
