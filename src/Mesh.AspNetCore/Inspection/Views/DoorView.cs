namespace Mesh.AspNetCore.Inspection.Views;

/// <summary>What this process demands of those who call it, and who would be refused if it demanded more.</summary>
internal sealed record DoorView
{
    /// <summary><c>off</c>, <c>permissive</c> or <c>strict</c>.</summary>
    public required string Tls { get; init; }

    /// <summary><c>shadow</c> or <c>enforce</c>.</summary>
    public required string IntentionsMode { get; init; }

    /// <summary><c>auto</c> or <c>require</c>: what its own calls demand.</summary>
    public required string OutboundTls { get; init; }

    /// <summary>Where each of these comes from.</summary>
    public required IReadOnlyDictionary<string, string> Origins { get; init; }

    /// <summary>A security document is there that could not be understood, and no earlier one is known.</summary>
    public required bool Unknown { get; init; }

    /// <summary>Ports that the door leaves alone.</summary>
    public required IReadOnlyList<int> PlainPorts { get; init; }

    /// <summary>Rules of <c>inbound.authorization</c> in force, those locked by the global document first.</summary>
    public required IReadOnlyList<RuleView> Rules { get; init; }

    /// <summary><see langword="null"/> while nobody watches intentions, or none is known.</summary>
    public IntentionsView? Intentions { get; init; }

    /// <summary>Since when callers in plaintext are counted; <see langword="null"/> while they are not.</summary>
    public DateTimeOffset? PlaintextSince { get; init; }

    /// <summary>Who came in plaintext in the last 24 hours.</summary>
    public required IReadOnlyList<DoorCallerView> Plaintext { get; init; }

    /// <summary>Who was let in in the last 24 hours against a rule that is not enforced.</summary>
    public required IReadOnlyList<DoorCallerView> WouldDeny { get; init; }
}
