using Mesh.Policy;

namespace Mesh.ConfigServer.Documents;

/// <summary>
/// Ends switches at their <c>until</c> by the desk's clock: a client's may be wrong, and whichever ends it first
/// counts.
/// </summary>
internal sealed class SwitchExpiry(DocumentStore store, TimeProvider time) : BackgroundService
{
    /// <summary>Longest sleep: the clock may be set meanwhile.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan UntilFirstState = TimeSpan.FromMilliseconds(200);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await store.ExpireAsync(stoppingToken);
            if (store.Observe() is not var (state, changed))
            {
                await Task.Delay(UntilFirstState, time, stoppingToken);
                continue;
            }

            using var either = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            await Task.WhenAny(changed, Task.Delay(Pause(state), time, either.Token));
            await either.CancelAsync();
        }
    }

    private TimeSpan Pause(DeskState state)
    {
        var now = time.GetUtcNow();
        var thrown = state.Documents.Values.Where(d => d.LastGood?.Switches is not null)
            .Select(d => KeyValuePair.Create(d.Key, d.LastGood!.Switches!));
        return SwitchResolver.NextExpiry(thrown, now) is { } next && next - now < Longest ? next - now : Longest;
    }
}
