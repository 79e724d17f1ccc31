using Mesh.Consul;

namespace Mesh.AspNetCore.Authorization;

/// <summary>
/// Finds out what the registry says about a pair that no intention names. It is a setting of its servers, which only
/// operators may read; but everybody may ask for a verdict about his own service, and a caller that nobody has heard of
/// gets that one, as long as no intention is about all callers.
/// </summary>
internal sealed class DefaultVerdict(ConsulClient client, string service, Random random)
{
    /// <summary>Asks.</summary>
    /// <param name="intentions">Those about calls of this service.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns><see langword="null"/> when the question cannot be put so that the answer would tell.</returns>
    /// <exception cref="ConsulException">Consul could not answer, or the token may not.</exception>
    public async Task<bool?> AskAsync(IReadOnlyCollection<Intention> intentions, CancellationToken cancellationToken)
    {
        var nobody = Unlikely();
        if (!intentions.Any(i => i.SourceName == Intention.Wildcard))
        {
            return await client.CheckIntentionAsync(nobody, service, cancellationToken).ConfigureAwait(false);
        }

        // About all callers of this service only: another service, which is as unheard of, has the same default. Not
        // every token may ask that.
        if (intentions.Any(i => i is { SourceName: Intention.Wildcard, DestinationName: Intention.Wildcard }))
        {
            return null;
        }

        return await client.CheckIntentionAsync(nobody, Unlikely(), cancellationToken).ConfigureAwait(false);
    }

    private string Unlikely() => $"mesh-nobody-{random.NextInt64():x16}";
}
