using Mesh.Scenarios.Tests.Support;
using Xunit.Abstractions;

namespace Mesh.Scenarios.Tests.Adoption;

/// <summary>
/// A fleet comes onto the mesh and leaves it again, instance by instance, under load: callees first, callers first, and
/// in turn. A call is what an application asks once; failed is what did not end in a 200; duplicates are ids of POSTs
/// that stand more than once in the ledgers of the callees.
/// </summary>
public sealed class AdoptionTests(ITestOutputHelper output)
{
    private enum Side
    {
        Callee,
        Caller,
    }

    [Fact]
    public Task CallersAndCallees_OntoTheMeshAndBack_InEveryOrder_NoCallFailsAndNobodyIsRegisteredTwice() =>
        Scenario.RunAsync(output, async s =>
        {
            var fleet = new AdoptionFleet(s);

            // That everybody is used is asked after every change; by latency, one slow answer leaves an instance idle
            // for long.
            await s.Operator.PutRoundRobinAsync(AdoptionFleet.Service);
            await fleet.StartAsync();
            await using var first = await OldCaller.StartAsync(s.Consul);
            await using var second = await OldCaller.StartAsync(s.Consul);
            OldCaller[] old = [first, second];
            await using var catalog = new CatalogWatch(s.Consul);
            await using var load = new AdoptionLoad(first, second);
            var changes = 0;

            (Side, int)[][] orders =
            [
                [(Side.Callee, 0), (Side.Callee, 1), (Side.Caller, 0), (Side.Caller, 1)],
                [(Side.Caller, 0), (Side.Caller, 1), (Side.Callee, 0), (Side.Callee, 1)],
                [(Side.Callee, 0), (Side.Caller, 0), (Side.Callee, 1), (Side.Caller, 1)],
            ];
            foreach (var order in orders)
            {
                foreach (var (side, place) in order)
                {
                    await (side == Side.Callee ? fleet.JoinAsync(place) : MeshAsync(s, load, place));
                    await CheckAsync(load, fleet);
                    changes++;
                }

                foreach (var (side, place) in order)
                {
                    if (side == Side.Callee)
                    {
                        await fleet.LeaveAsync(place);
                    }
                    else
                    {
                        load.Replace(place, old[place]);
                    }

                    await CheckAsync(load, fleet);
                    changes++;
                }
            }

            await fleet.JoinAsync(1);
            await fleet.RestartExternalAsync();
            await CheckAsync(load, fleet);
            await load.StopAsync();
            Keep(s, load, fleet, catalog, changes + 2);
            Assert.True(load.Failed.Count == 0, load.Describe());
            Assert.Empty(catalog.Duplicates);
            Assert.Equal(
                load.Posted.Order(StringComparer.Ordinal),
                s.Executed(AdoptionFleet.Service).Order(StringComparer.Ordinal));
        });

    private static async Task MeshAsync(Scenario s, AdoptionLoad load, int place) =>
        load.Replace(place, new MeshedCaller(await s.StartCallerAsync()));

    /// <summary>Whoever calls and whoever serves now, both callers reach both instances.</summary>
    private static async Task CheckAsync(AdoptionLoad load, AdoptionFleet fleet)
    {
        Assert.True(load.Failed.Count == 0, load.Describe());
        await load.UsesAsync(fleet.Process(0));
        await load.UsesAsync(fleet.Process(1));
    }

    private static void Keep(Scenario s, AdoptionLoad load, AdoptionFleet fleet, CatalogWatch catalog, int changes)
    {
        var executed = s.Executed(AdoptionFleet.Service);
        s.Figure("calls", load.Calls);
        s.Figure("failed", load.Failed.Count);
        s.Figure("posts", load.Posted.Count);
        s.Figure("duplicates", executed.Count - executed.Distinct().Count());
        s.Figure("registeredTwice", catalog.Duplicates.Count);
        s.Figure("catalogChanges", catalog.Changes);
        s.Figure("changes", changes);
        s.Figure("pids", fleet.All.Select(p => p.Id));
    }
}
