using Mesh.Client.Pipeline;
using Mesh.Policy;

namespace Mesh.ConfigServer.Documents;

/// <summary>
/// Ends switches at their <c>until</c> by the desk's clock: a client's may be wrong, and whichever ends it first
/// counts.
/// </summary>
internal sealed class SwitchExpiry(
    DocumentStore store,
    TimeProvider time,
    [FromKeyedServices("mesh")] Random random,
    ILogger<SwitchExpiry> logger) : BackgroundService
{
    /// <summary>Longest sleep: the clock may be set meanwhile.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan UntilFirstState = TimeSpan.FromMilliseconds(200);

    // What nobody expected must neither stop the desk nor leave switches on for good.
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        BackgroundWork.KeepAsync("switch expiry", RunAsync, time, random, logger, stoppingToken);

    private async Task RunAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            // Of one moment, taken first: what ends between two looks at the clock would be in neither.
            var now = time.GetUtcNow();
            await store.ExpireAsync(now, stoppingToken);
            if (store.Observe() is not var (state, changed))
            {
                await Task.Delay(UntilFirstState, time, stoppingToken);
                continue;
            }

            using var either = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            await Task.WhenAny(changed, Task.Delay(Pause(state, now), time, either.Token));
            await either.CancelAsync();
        }
    }

    private static TimeSpan Pause(DeskState state, DateTimeOffset now)
    {
        var thrown = state.Documents.Values.Where(d => d.LastGood?.Switches is not null)
            .Select(d => KeyValuePair.Create(d.Key, d.LastGood!.Switches!));
        return SwitchResolver.NextExpiry(thrown, now) is { } next && next - now < Longest ? next - now : Longest;
    }
}
