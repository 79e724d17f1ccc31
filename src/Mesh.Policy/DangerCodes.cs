namespace Mesh.Policy;

/// <summary>
/// Valid but lethal content: a document that contains it is refused unless its <c>accept</c> list names the code.
/// </summary>
public static class DangerCodes
{
    /// <summary>A total under 50 ms fails most calls of most services.</summary>
    public const string TinyTimeout = "tiny-timeout";

    /// <summary>A split sends calls to a subset that has no endpoint.</summary>
    public const string EmptySubset = "empty-subset";

    /// <summary>A limit of concurrency under 8.</summary>
    public const string LowConcurrency = "low-concurrency";

    /// <summary>Faults on more than 10 % of the calls. Not reachable yet: faults are not supported by this version.</summary>
    public const string HeavyFaults = "heavy-faults";

    /// <summary>Faults in the global document. Not reachable yet: see <see cref="HeavyFaults"/>.</summary>
    public const string GlobalFaults = "global-faults";

    /// <summary>Authorization that lets nobody in: everything is denied before anything is allowed.</summary>
    public const string DenyAll = "deny-all";

    /// <summary>Strict or required TLS in <c>security/global</c>: for everybody at once.</summary>
    public const string GlobalTls = "global-tls";

    /// <summary>
    /// Clients that are connected would leave out a part of the document. Only known to a desk, and only asked when a
    /// document is written through it: which clients are connected is no property of a document.
    /// </summary>
    public const string ClientsCannotObey = "clients-cannot-obey";

    /// <summary>
    /// A security document would refuse callers that are let in now. Only known to a desk, by what services report, and
    /// only asked when a document is written through it.
    /// </summary>
    public const string CallersWouldBreak = "callers-would-break";

    /// <summary>Every code that <c>accept</c> may name.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        TinyTimeout, EmptySubset, LowConcurrency, HeavyFaults, GlobalFaults, DenyAll, GlobalTls, ClientsCannotObey,
        CallersWouldBreak,
    ];
}
