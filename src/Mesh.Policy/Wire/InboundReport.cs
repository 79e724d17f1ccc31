namespace Mesh.Policy;

/// <summary>The door of one process: how strict it is, and who would break if it were stricter.</summary>
public sealed record InboundReport
{
    /// <summary><c>inbound.tls</c> in force: <c>off</c>, <c>permissive</c> or <c>strict</c>; later versions may say more.</summary>
    public required string Tls { get; init; }

    /// <summary><c>inbound.intentions</c> in force: <c>shadow</c> or <c>enforce</c>; later versions may say more.</summary>
    public required string Intentions { get; init; }

    /// <summary>The SPIFFE ID of the process; <see langword="null"/> while it has no identity, and so speaks plaintext only.</summary>
    public string? Identity { get; init; }

    /// <summary>Since when the process counts who would be denied; of what was longer ago than 24 hours nothing is told.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>
    /// Since when callers in plaintext are counted: not before the process has an identity, and not under <c>off</c>, when
    /// nobody could come otherwise. <see langword="null"/> while they are not.
    /// </summary>
    public DateTimeOffset? PlaintextSince { get; init; }

    /// <summary>
    /// When it was said, by the clock that the other times are of: it may be wrong by days. <see langword="null"/> stands
    /// for the time at which it arrives.
    /// </summary>
    public DateTimeOffset? At { get; init; }

    /// <summary>Who came in plaintext in the last 24 hours: refused under <c>inbound.tls: strict</c>.</summary>
    public IReadOnlyList<PlaintextCallerReport> Plaintext { get; init => field = value ?? []; } = [];

    /// <summary>Who was let in in the last 24 hours although a rule that is not enforced denies it.</summary>
    public IReadOnlyList<WouldDenyReport> WouldDeny { get; init => field = value ?? []; } = [];
}
