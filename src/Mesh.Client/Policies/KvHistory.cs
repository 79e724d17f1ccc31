using Mesh.Consul;

namespace Mesh.Client.Policies;

/// <summary>
/// Tells a lagging server from a history that went back. Reads of watches are stale, and the first one after a start or an
/// outage may meet a server that is behind: taking it would go back to older documents for a moment. What looks older is
/// therefore asked of the leader before it is believed.
/// </summary>
internal static class KvHistory
{
    /// <summary>The answer to go by, and whether Consul's history went back.</summary>
    /// <param name="reader">Asks the leader.</param>
    /// <param name="answer">What the watch heard.</param>
    /// <param name="transition">What the watch makes of it.</param>
    /// <param name="isOlder">The answer is older than what is known.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ConsulException">The leader cannot be asked: nothing is to be believed now.</exception>
    public static async Task<(ConsulResponse<KvEntry[]> Answer, bool WentBack)> ConfirmAsync(
        KvReader reader,
        ConsulResponse<KvEntry[]> answer,
        BlockingQueryTransition transition,
        Func<ConsulResponse<KvEntry[]>, bool> isOlder,
        CancellationToken cancellationToken)
    {
        if (!isOlder(answer))
        {
            return (answer, transition == BlockingQueryTransition.IndexRegressed);
        }

        if (transition != BlockingQueryTransition.IndexRegressed)
        {
            answer = await reader.ListAsync(cancellationToken).ConfigureAwait(false);
        }

        return (answer, isOlder(answer));
    }
}
