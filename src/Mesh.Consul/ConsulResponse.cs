namespace Mesh.Consul;

/// <summary>An answer with the headers that blocking queries need.</summary>
/// <typeparam name="T">What was asked for.</typeparam>
/// <param name="Value">The decoded body. A recursive KV read of nothing (404) is an empty array, not an error.</param>
/// <param name="Index"><c>X-Consul-Index</c>; 0 when the answer has none.</param>
/// <param name="KnownLeader"><c>X-Consul-KnownLeader</c>: the answering server knew a leader.</param>
/// <param name="LastContact"><c>X-Consul-LastContact</c>: how long ago the answering server heard its leader.</param>
/// <param name="Date">The <c>Date</c> header, for measuring clock skew.</param>
/// <param name="NotFound">True when Consul answered 404 and <paramref name="Value"/> is therefore empty.</param>
public sealed record ConsulResponse<T>(
    T Value, ulong Index, bool KnownLeader, TimeSpan LastContact, DateTimeOffset? Date, bool NotFound)
{
    /// <summary>
    /// <c>X-Consul-Results-Filtered-By-ACLs</c>: something was left out because the token may not see it. False says nothing:
    /// Consul before 1.11 never tells.
    /// </summary>
    public bool FilteredByAcls { get; init; }

    /// <summary>
    /// A hash of what matters in the value, to tell a change from a wake-up; null when nobody computed it.
    /// </summary>
    internal int? Fingerprint { get; init; }
}
