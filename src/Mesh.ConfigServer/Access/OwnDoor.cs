using Mesh.Client.Pipeline;
using Mesh.Client.Policies;
using Mesh.ConfigServer.Documents;
using Mesh.Policy;

namespace Mesh.ConfigServer.Access;

/// <summary>
/// Puts what the documents say of the desk's own door into force: <c>security/services/mesh-desk</c> like that of any other
/// service. It takes them from its own store, which keeps the last good ones, and asks nobody else.
/// </summary>
internal sealed class OwnDoor(
    DocumentStore store,
    OwnPolicy own,
    MeshSelf self,
    TimeProvider time,
    [FromKeyedServices("mesh")] Random random,
    ILogger<OwnDoor> logger) : BackgroundService
{
    private static readonly TimeSpan UntilFirstState = TimeSpan.FromMilliseconds(50);

    /// <summary>How long the desk does not open while nothing is known: what is not known yet may be strict.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly TaskCompletionSource _known = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await base.StartAsync(cancellationToken);
        try
        {
            await _known.Task.WaitAsync(Patience, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            // Consul does not answer and the disk remembers nothing: the desk serves nobody policy then, only its probes.
            DeskLog.OpenedUnknowing(logger, Patience.TotalSeconds);
        }
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        BackgroundWork.KeepAsync("own door", FollowAsync, time, random, logger, stoppingToken);

    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (store.Observe() is not var (state, changed))
            {
                await Task.Delay(UntilFirstState, time, cancellationToken);
                continue;
            }

            Apply(state);
            await changed.WaitAsync(cancellationToken);
        }
    }

    private void Apply(DeskState state)
    {
        var (global, service) = (Find(PolicyKey.GlobalSecurity), Find(PolicyKey.SecurityOf(self.Service)));
        own.Set(
            SecurityMerger.Merge(self.Service, global?.LastGood?.Security, service?.LastGood?.Security),
            PolicyMerger.MergeInbound(
                state.InForce(PolicyKey.GlobalTraffic)?.Traffic, state.InForce(PolicyKey.TrafficTo(self.Service))?.Traffic),
            unknown: global is { LastGood: null } || service is { LastGood: null });
        own.Settle();
        _known.TrySetResult();

        DeskDocument? Find(PolicyKey key) => state.Documents.GetValueOrDefault(key.ToString());
    }
}
