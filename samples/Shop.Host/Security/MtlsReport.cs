using System.Text.Json.Serialization;

namespace Shop.Host.Security;

/// <summary>
/// Whether the services spoke mTLS, measured twice: on the wire, by relays that read TLS records and look for a planted
/// string, and by each callee, which wrote down whom the connection of every request proved to be.
/// </summary>
internal sealed record MtlsReport
{
    public required IReadOnlyList<MtlsEdge> Edges { get; init; }

    /// <summary>In front of one instance of every callee.</summary>
    public required IReadOnlyList<MtlsRelay> Relays { get; init; }

    /// <summary>Every SPIFFE ID that a callee verified.</summary>
    public required IReadOnlyList<string> Peers { get; init; }

    public long Records => Relays.Sum(r => r.Records);

    public long Violations => Relays.Sum(r => r.Violations);

    public long Canaries => Relays.Sum(r => r.Canaries);

    /// <summary>Every edge was seen, every request of it was verified, and the relays read nothing but records.</summary>
    [JsonIgnore]
    public bool IsGood =>
        Edges.Count == Fleet.MeshEdges && Edges.All(e => e.Requests > 0 && e.Verified == e.Requests) &&
        Relays.All(r => r.Records > 0) && Violations == 0 && Canaries == 0;

    [JsonIgnore]
    public string Line => IsGood
        ? $"mTLS on all {Edges.Count} edges: {Records:N0} TLS records, no other byte, canary never read"
        : $"mTLS NOT on every edge: {Edges.Count(e => e.Verified == e.Requests)} of {Fleet.MeshEdges} verified, " +
          $"{Violations} connections with other bytes, canary read {Canaries} times";
}
