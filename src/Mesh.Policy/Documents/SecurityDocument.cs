namespace Mesh.Policy;

/// <summary>
/// What an operator wrote under <c>security/global</c> or <c>security/services/&lt;service&gt;</c>: what the door of a
/// service demands, and what its own calls demand. Everything is optional: what is not said here comes from the layer
/// below.
/// </summary>
public sealed record SecurityDocument
{
    /// <summary>The version of the language the document is written in.</summary>
    public int Schema { get; init; } = TrafficDocument.CurrentSchema;

    /// <summary>Who and why.</summary>
    public PolicyMeta? Meta { get; init; }

    /// <summary>The dangers the author has accepted: see <see cref="DangerCodes"/>.</summary>
    public IReadOnlyList<string>? Accept { get; init; }

    /// <summary>What the door demands.</summary>
    public SecurityInboundSection? Inbound { get; init; }

    /// <summary>What the service's own calls demand.</summary>
    public SecurityOutboundSection? Outbound { get; init; }

    /// <summary>
    /// Paths of this document whose value is a minimum, which services can only tighten: see
    /// <see cref="SecurityLocks.Paths"/>. Only in the global document.
    /// </summary>
    public IReadOnlyList<string>? Locked { get; init; }

    /// <summary>True when <see cref="Locked"/> names the path.</summary>
    public bool Locks(string path) => Locked?.Contains(path) == true;
}
