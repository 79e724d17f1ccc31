namespace Mesh.Policy;

/// <summary>The section <c>inbound</c> of a security document as written; <see langword="null"/> means: not said here.</summary>
public sealed record SecurityInboundSection
{
    /// <summary>See <see cref="SecurityPolicy.InboundTls"/>.</summary>
    public InboundTls? Tls { get; init; }

    /// <summary>See <see cref="SecurityPolicy.Intentions"/>.</summary>
    public RuleMode? Intentions { get; init; }

    /// <summary>See <see cref="SecurityPolicy.Authorization"/>; replaces an inherited one as a whole.</summary>
    public AuthorizationRules? Authorization { get; init; }
}
