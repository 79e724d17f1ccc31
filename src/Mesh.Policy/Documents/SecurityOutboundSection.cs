namespace Mesh.Policy;

/// <summary>The section <c>outbound</c> of a security document as written; <see langword="null"/> means: not said here.</summary>
public sealed record SecurityOutboundSection
{
    /// <summary>See <see cref="SecurityPolicy.OutboundTls"/>.</summary>
    public OutboundTls? Tls { get; init; }

    /// <summary>See <see cref="SecurityPolicy.OutboundPlaintext"/>.</summary>
    public IReadOnlyList<string>? Plaintext { get; init; }
}
