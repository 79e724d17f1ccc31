using System.Globalization;
using Mesh.Client.Attempts;
using Mesh.Client.Discovery;
using Mesh.Client.Pipeline;
using Mesh.Client.Tests.Support;
using Mesh.Policy;
using Mesh.Testing;

namespace Mesh.Client.Tests.Pipeline;

/// <summary>
/// The same story on a steady clock, and on one that an operator sets back and forth by an hour all the while: whatever is
/// reckoned in durations must come out the same, to the last draw of luck.
/// </summary>
public sealed class WallClockTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Theory]
    [InlineData(+1)]
    [InlineData(-1)]
    public void EjectionSlowStartSuspicionPanic_DoNotNoticeTheWallClock(int direction) =>
        Assert.Equal(Endpoints(shift: TimeSpan.Zero), Endpoints(Hour * direction));

    [Theory]
    [InlineData(+1)]
    [InlineData(-1)]
    public async Task RetriesBudgetsDeadlinesAndWhatServersAskFor_DoNotNoticeTheWallClock(int direction) =>
        Assert.Equal(await Task.Run(() => Calls(shift: TimeSpan.Zero)), await Task.Run(() => Calls(Hour * direction)));

    private static List<string> Endpoints(TimeSpan shift)
    {
        using var mesh = new UpstreamFixture(seed: 5);
        mesh.With("a", "b", "c", "d", "e", "f", "g", "h", "i", "j");
        var story = new List<string>();
        var luck = new Random(3);
        for (var step = 0; step < 400; step++)
        {
            mesh.Time.ShiftUtc(step % 2 == 0 ? shift : -shift);
            mesh.Time.Advance(TimeSpan.FromMilliseconds(luck.Next(2000)));
            var endpoint = mesh.Pick()!;
            var fails = endpoint.Id is "a" or "b" && step < 200;
            mesh.Answer(endpoint, fails ? AttemptOutcome.Reset : AttemptOutcome.Success, times: fails ? 5 : 1);
            if (step % 50 == 7)
            {
                mesh["c"].MarkSuspect(MeshReasons.Draining);
            }

            var states = string.Join(',', mesh.Upstream.Endpoints.Select(e => e.State));
            story.Add($"{step} {endpoint.Id} {states} {mesh.Time.NextTimerIn} {mesh.Group.IsPanic}");
        }

        Assert.Contains(story, line => line.Contains(nameof(EndpointState.Ejected), StringComparison.Ordinal));
        Assert.Contains(story, line => line.Contains(nameof(EndpointState.Suspect), StringComparison.Ordinal));
        return story;
    }

    // Without a synchronization context: what a timer sets going then runs within Advance, to its end, and both clocks see the
    // same steps.
    private static async Task<List<string>> Calls(TimeSpan shift)
    {
        Assert.Null(SynchronizationContext.Current);
        var time = new ManualTimeProvider();
        using var mesh = new TestMesh(time).WithEndpoints(3).WithPolicy(
            retry: rule => rule with { MaxAttempts = 3 },
            timeout: rule => rule with { Total = TimeSpan.FromSeconds(3), Attempt = TimeSpan.FromSeconds(1) });
        var served = DateTimeOffset.UnixEpoch.ToString("r", CultureInfo.InvariantCulture);
        var later = DateTimeOffset.UnixEpoch.AddSeconds(1).ToString("r", CultureInfo.InvariantCulture);
        using var client = mesh.Invoker();
        var story = new List<string>();
        for (var i = 0; i < 40; i++)
        {
            switch (i % 4)
            {
                case 0:
                    mesh.Stubs.Then(503, ("Retry-After", later), ("Date", served));
                    break;
                case 1:
                    mesh.Stubs.Then(503).Then(503);
                    break;
                case 2:
                    mesh.Stubs.Then(Hang).Then(Hang).Then(Hang);
                    break;
            }

            var started = time.GetTimestamp();
            var sending = client.SendAsync(TestMesh.Get(), CancellationToken.None);
            for (var turn = 0; !sending.IsCompleted && turn < 1000; turn++)
            {
                time.ShiftUtc(turn % 2 == 0 ? shift : -shift);
                time.Advance(time.NextTimerIn ?? TimeSpan.Zero);
            }

            Assert.True(sending.IsCompleted, $"call {i} waits for something other than the clock");
            var ended = sending.IsCompletedSuccessfully
                ? ((int)(await sending).StatusCode).ToString(CultureInfo.InvariantCulture)
                : sending.Exception?.InnerException?.GetType().Name ?? sending.Status.ToString();
            var took = Math.Round(time.GetElapsedTime(started).TotalSeconds, 2);
            story.Add($"{i} {ended} {mesh.Stubs.Sent.Count} after {took} s, " +
                      $"budget {mesh.Upstream.Budget.Balance(time.GetTimestamp())}");
        }

        // It is a story at all: one that was cut short twice, one that waited for what the server asked for.
        Assert.Contains(story, line => line.Contains("after 2 s", StringComparison.Ordinal)
            || line.Contains("after 3 s", StringComparison.Ordinal));
        Assert.Contains(story, line => line.Contains("after 1.", StringComparison.Ordinal));
        return story;
    }

    private static Task<HttpResponseMessage> Hang(HttpRequestMessage request, CancellationToken token)
    {
        var never = new TaskCompletionSource<HttpResponseMessage>();
        token.Register(() => never.TrySetCanceled(token));
        return never.Task;
    }
}
