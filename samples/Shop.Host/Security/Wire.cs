using Shop.Host.Relays;

namespace Shop.Host.Security;

/// <summary>The relays of a run, and the string that none of them may ever read.</summary>
internal sealed class Wire : IAsyncDisposable
{
    private readonly List<ByteRelay> _relays = [];

    /// <summary>In a header of every call, and part of every checkout's id: of its body, key and path on three edges.</summary>
    public string Canary { get; } = $"canary-{Guid.NewGuid():N}"[..23];

    /// <summary>What is on the wire, in a few words.</summary>
    public string Line =>
        $"{_relays.Sum(r => r.Counts.Records):N0} TLS records, {_relays.Sum(r => r.Counts.Violations)} not TLS";

    public void Watch(string instance, int port, int instancePort) =>
        _relays.Add(ByteRelay.Start(instance, port, instancePort, System.Text.Encoding.ASCII.GetBytes(Canary)));

    /// <summary>What relays and callees have seen so far.</summary>
    public MtlsReport Report(IReadOnlyDictionary<(string Caller, string Callee), SeenRequests> seen)
    {
        var edges = seen.Where(s => s.Key.Caller != "-").OrderBy(s => s.Key).ToList();
        return new MtlsReport
        {
            Edges =
            [
                .. edges.Select(e => new MtlsEdge(
                    $"{e.Key.Caller} -> {e.Key.Callee}", e.Value.Peers.Order().FirstOrDefault(),
                    e.Value.Requests, e.Value.Verified, RelayOf(e.Key.Callee))),
            ],
            Relays =
            [
                .. _relays.Select(r => new MtlsRelay(
                    r.Name, r.Counts.Connections, r.Counts.Bytes, r.Counts.Records, r.Counts.Violations,
                    r.Counts.Canaries)),
            ],
            Peers = [.. edges.SelectMany(e => e.Value.Peers).Distinct().Order()],
        };
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var relay in _relays)
        {
            await relay.DisposeAsync();
        }
    }

    private string RelayOf(string callee) =>
        _relays.FirstOrDefault(r => r.Name.StartsWith($"{callee}-", StringComparison.Ordinal))?.Name ?? "";
}
