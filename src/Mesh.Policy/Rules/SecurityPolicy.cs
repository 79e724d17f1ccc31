namespace Mesh.Policy;

/// <summary>
/// What is in force at the door of one service, and for the calls it makes, after the merge of built-in defaults,
/// <c>security/global</c> with its locked minimums, and <c>security/services/&lt;service&gt;</c>: every value concrete.
/// </summary>
public sealed record SecurityPolicy
{
    /// <summary>The service whose door it is.</summary>
    public required string Service { get; init; }

    /// <summary>What a connection must bring.</summary>
    public InboundTls InboundTls { get; init; } = InboundTls.Permissive;

    /// <summary>
    /// Whether the verdict for callers that no intention names acts (the registry's default, so usually a denial where its
    /// ACLs deny by default). Explicit intentions always act on identified callers.
    /// </summary>
    public RuleMode Intentions { get; init; } = RuleMode.Shadow;

    /// <summary>
    /// What the rules of the service say about a request, or those it inherits; <see langword="null"/> allows all. Where
    /// there is a <see cref="LockedAuthorization"/>, both must allow.
    /// </summary>
    public AuthorizationRules? Authorization { get; init; }

    /// <summary>
    /// The rules that the global document locks: asked first, and a request that they deny is denied, whatever the
    /// service's own rules say; one that they allow is still to be allowed by <see cref="Authorization"/>.
    /// <see langword="null"/> when there are none.
    /// </summary>
    public AuthorizationRules? LockedAuthorization { get; init; }

    /// <summary>What the calls this service makes must bring.</summary>
    public OutboundTls OutboundTls { get; init; } = OutboundTls.Auto;

    /// <summary>
    /// Services that this one may call in plaintext although they were seen with TLS before, which is forgotten: for a service
    /// that goes back to a version without the mesh. Has no effect under <see cref="Policy.OutboundTls.Require"/>.
    /// </summary>
    public IReadOnlyList<string> OutboundPlaintext { get; init; } = [];

    /// <summary>
    /// Where each value comes from: a JSON-pointer-like path to <c>default</c>, <c>global</c>, <c>global:locked</c> or
    /// <c>service</c>.
    /// </summary>
    public IReadOnlyDictionary<string, string> Origins { get; init; } = new Dictionary<string, string>();
}
