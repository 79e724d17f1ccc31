namespace Mesh.Consul;

public sealed partial class ConsulClient
{
    /// <summary>No intention passes: an answer of nothing but headers.</summary>
    private const string NoIntention = "SourceName == \"\"";

    /// <summary>
    /// The intentions that may decide about calls of a service, wildcards included, in no particular order. A token that may
    /// not read them is refused (403), not told that there are none.
    /// </summary>
    /// <remarks>
    /// Older agents (1.8) block on this read and do not say at which index they answer, so that nobody could block again.
    /// There, the index of all intentions is asked for first and these are read after it: what changes in between is read
    /// twice, and never missed.
    /// </remarks>
    /// <param name="service">The service called.</param>
    /// <param name="query">How to ask; a filter has no meaning here.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ConsulException">Consul could not answer, or the token may not.</exception>
    public async Task<ConsulResponse<Intention[]>> GetIntentionsToAsync(
        string service, ConsulQuery query, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(service);
        var answer = await MatchAsync(service, query, cancellationToken).ConfigureAwait(false);
        if (answer.Index > 0)
        {
            return answer;
        }

        // By the leader: an index of one server says nothing about what another one has read.
        var now = new ConsulQuery
        {
            Datacenter = query.Datacenter,
            Consistency = query.Consistency == ConsulConsistency.Stale ? ConsulConsistency.Default : query.Consistency,
        };
        var all = await IntentionIndexAsync(now, cancellationToken).ConfigureAwait(false);
        if (query.Index == 0 || all.Index != query.Index || query.Consistency == ConsulConsistency.Stale)
        {
            answer = await MatchAsync(service, now, cancellationToken).ConfigureAwait(false);
        }

        return answer with { Index = all.Index, KnownLeader = all.KnownLeader, LastContact = all.LastContact };
    }

    /// <summary>
    /// Consul's own verdict, without anything that only a request could tell: since 1.9 an intention with permissions counts
    /// as a denial.
    /// </summary>
    /// <param name="source">The caller.</param>
    /// <param name="destination">The service called; what the token must be allowed to read.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ConsulException">Consul could not answer, or the token may not.</exception>
    public Task<bool> CheckIntentionAsync(string source, string destination, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(source);
        ArgumentException.ThrowIfNullOrEmpty(destination);
        return CallAsync(
            HttpMethod.Get,
            ConsulTarget.For("v1/connect/intentions/check")
                .WithDatacenter(_settings.Datacenter)
                .With("source", source)
                .With("destination", destination),
            content: null,
            async (body, token) =>
                (await ReadOneAsync(body, Json.IntentionCheckWire, token).ConfigureAwait(false))?.Allowed
                ?? throw new ConsulException("Consul answered a check of intentions without a verdict."),
            cancellationToken);
    }

    private Task<ConsulResponse<Intention[]>> MatchAsync(
        string service, ConsulQuery query, CancellationToken cancellationToken) =>
        ReadAsync(
            ConsulTarget.For("v1/connect/intentions/match").With("by", "destination").With("name", service),
            query,
            async (body, token) =>
            {
                // By name, of which one was asked for; nothing at all where there is none.
                var wire = await ReadOneAsync(body, Json.DictionaryStringIntentionWireArray, token).ConfigureAwait(false);
                return (wire ?? []).Values
                    .SelectMany(list => WireDefaults.List(list, static intention => intention.ToModel())).ToArray();
            },
            Fingerprint.Of,
            cancellationToken);

    private Task<ConsulResponse<bool>> IntentionIndexAsync(ConsulQuery query, CancellationToken cancellationToken) =>
        ReadAsync(
            ConsulTarget.For("v1/connect/intentions"),
            query with { Filter = NoIntention },
            static (_, _) => ValueTask.FromResult(true),
            static _ => 0,
            cancellationToken);
}
