using System.Buffers;

namespace Mesh.AspNetCore.Door;

/// <summary>
/// Who came to this process's door in the last 24 hours and would be refused if it were stricter: what the desk lists
/// before somebody turns the key. Bounded in size; written by the inbound half, read by reports and <c>/mesh</c>.
/// It ends with the process: the desk keeps what it was told.
/// </summary>
internal sealed class DoorLedger(TimeProvider time)
{
    /// <summary>How many callers are told apart, and how many pairs of caller and rule.</summary>
    public const int MaxCallers = 200;

    /// <summary>As whom callers are counted beyond that, and those whose name nobody would give a service.</summary>
    public const string Others = "others";

    /// <summary>As which rule it counts what intentions say, and that there is none.</summary>
    public const string Intention = "intention";

    /// <summary>No service has a longer name: see <see cref="Mesh.Policy.PolicyKey.IsServiceName"/>.</summary>
    private const int MaxName = 128;

    /// <summary>Of services, addresses and SPIFFE IDs.</summary>
    private static readonly SearchValues<char> Letters = SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:/%");

    private readonly DoorTally<string> _plaintext = new(MaxCallers, Others, time);
    private readonly DoorTally<(string Caller, string Rule)> _wouldDeny = new(MaxCallers, (Others, Others), time);

    /// <summary>Since when it is kept.</summary>
    public DateTimeOffset Since { get; } = time.GetUtcNow();

    /// <summary>A request came in plaintext: it would not under <c>inbound.tls: strict</c>.</summary>
    /// <param name="caller">The service it says it is, or its address; never trusted.</param>
    public void Plaintext(string caller) => _plaintext.Count(Bounded(caller));

    /// <summary>A request was allowed that would be denied if the rule were enforced.</summary>
    /// <param name="caller">The caller's verified service, else as for <see cref="Plaintext"/>.</param>
    /// <param name="rule">The rule's name, or <see cref="Intention"/>.</param>
    public void WouldDeny(string caller, string rule) => _wouldDeny.Count((Bounded(caller), rule));

    /// <summary>Who came in plaintext, the most frequent first. Counts are of 24 to 25 hours.</summary>
    public IReadOnlyList<(string Caller, long Count, DateTimeOffset LastSeen)> PlaintextCallers() => _plaintext.Read();

    /// <summary>Who was let in against which rule, the most frequent first. Counts are of 24 to 25 hours.</summary>
    public IReadOnlyList<((string Caller, string Rule) Key, long Count, DateTimeOffset LastSeen)> WouldBeDenied() =>
        _wouldDeny.Read();

    private static string Bounded(string caller) =>
        caller.Length is > 0 and <= MaxName && !caller.AsSpan().ContainsAnyExcept(Letters) ? caller : Others;
}
