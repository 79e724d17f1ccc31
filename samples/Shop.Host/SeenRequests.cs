namespace Shop.Host;

/// <summary>Requests of one edge that the callee wrote down.</summary>
/// <param name="Requests">All of them.</param>
/// <param name="Verified">Those that came with a certificate of the service the caller says it is.</param>
/// <param name="Peers">Every SPIFFE ID that came.</param>
internal sealed record SeenRequests(long Requests, long Verified, IReadOnlySet<string> Peers)
{
    public static SeenRequests None { get; } = new(0, 0, new HashSet<string>());

    public SeenRequests Add(string caller, string peer) => new(
        Requests + 1,
        Verified + (peer.EndsWith($"/svc/{caller}", StringComparison.Ordinal) ? 1 : 0),
        peer == "-" || Peers.Contains(peer) ? Peers : new HashSet<string>(Peers) { peer });
}
