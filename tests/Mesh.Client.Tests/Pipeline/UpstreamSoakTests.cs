using Mesh.Client.Attempts;
using Mesh.Client.Discovery;
using Mesh.Client.Pipeline;
using Mesh.Client.Tests.Support;
using Mesh.Policy;

namespace Mesh.Client.Tests.Pipeline;

/// <summary>Everything at once, then the books are checked.</summary>
public sealed class UpstreamSoakTests
{
    private const int Callers = 4;
    private const int Rounds = 150;

    private int _calls;

    [Fact]
    public async Task Calls_WhileEverythingChanges_LeaveNothingBehind()
    {
        using var mesh = new UpstreamFixture().With([.. Enumerable.Range(0, 8).Select(i => $"e{i}")]);
        var seen = new HashSet<MeshEndpoint>();
        using var done = new CancellationTokenSource();

        // Threads of their own, all on their way before anything changes: on two cores the pool would run them in
        // turns.
        using var ready = new CountdownEvent(Callers);
        var calls = Enumerable.Range(0, Callers).Select(caller => Task.Factory.StartNew(
            () => Call(mesh, caller, seen, ready, done.Token), CancellationToken.None, TaskCreationOptions.LongRunning,
            TaskScheduler.Default)).ToArray();
        await Task.Factory.StartNew(
            () => Change(mesh, ready), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        await done.CancelAsync();
        var unanswered = await Task.WhenAll(calls);

        Assert.All(unanswered, static count => Assert.Equal(0, count));
        Assert.All(seen, static e => Assert.Equal(0, e.InFlight));
        Assert.True(seen.Count > 8, "No endpoint was replaced while calls ran.");

        mesh.Upstream.ApplySwitches(new SwitchState(Bypass: false, Mechanisms.Eject));
        mesh.With("x", "y");
        mesh.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(["x", "y"], mesh.Group.Set.Candidates.Endpoints.ToArray().Select(e => e.Id));
        Assert.False(mesh.Group.Set.Candidates.IsWeighted);
        Assert.All(seen, e => Assert.DoesNotContain(e, mesh.Upstream.Endpoints));
    }

    private int Call(
        UpstreamFixture mesh, int caller, HashSet<MeshEndpoint> seen, CountdownEvent ready, CancellationToken done)
    {
        ready.Signal();
        var random = new Random(caller);
        var outcomes = Enum.GetValues<AttemptOutcome>();
        var mine = new HashSet<MeshEndpoint>();
        var unanswered = 0;
        for (var i = 0; !done.IsCancellationRequested; i++)
        {
            var endpoint = mesh.Pick(replaceable: i % 2 == 0);
            if (endpoint is null)
            {
                unanswered++;
                continue;
            }

            mine.Add(endpoint);
            Interlocked.Increment(ref _calls);
            var now = mesh.Time.GetTimestamp();
            endpoint.Begin();
            endpoint.Observe(
                now, now, random.Next(8) == 0 ? outcomes[random.Next(outcomes.Length)] : AttemptOutcome.Success);
            if (i % 300 == 0)
            {
                endpoint.MarkSuspect();
            }

            endpoint.End();
        }

        lock (seen)
        {
            seen.UnionWith(mine);
        }

        return unanswered;
    }

    private void Change(UpstreamFixture mesh, CountdownEvent ready)
    {
        ready.Wait();
        var random = new Random(7);
        for (var round = 0; round < Rounds; round++)
        {
            mesh.With([.. Enumerable.Range(0, 4 + random.Next(8)).Select(i => UpstreamFixture.Info(
                $"e{i + (round % 3)}", 1 + random.Next(3), (EndpointHealth)random.Next(3)))]);
            mesh.WithAlgorithm(round % 2 == 0 ? "peak-ewma" : "round-robin");
            mesh.Upstream.ApplySwitches(new SwitchState(round % 5 == 0, round % 7 == 0 ? Mechanisms.Eject : 0));
            mesh.Time.Advance(TimeSpan.FromSeconds(random.Next(20)));

            // Each state is called, however the threads are scheduled.
            var before = Volatile.Read(ref _calls);
            SpinWait.SpinUntil(() => Volatile.Read(ref _calls) > before);
        }
    }
}
