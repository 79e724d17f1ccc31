using Mesh.Client;
using Mesh.Policy;

namespace Mesh.ConfigServer.Access;

/// <summary>
/// Who asks, by what the connection and the token prove; a feature of every request that was let in. Headers and parameters
/// have no say in it.
/// </summary>
/// <param name="Peer">The verified identity; <see langword="null"/> when the connection proves none.</param>
/// <param name="Service">The service that the identity names, when it is of this desk's own trust domain.</param>
/// <param name="MayEverything">The desk's token was shown, or the desk has none.</param>
internal sealed record Asker(SpiffeId? Peer, string? Service, bool MayEverything)
{
    /// <summary>What nobody has proved anything for, and nobody needs to.</summary>
    private static readonly Asker Anybody = new(null, null, MayEverything: true);

    public static Asker Of(HttpContext context) => context.Features.Get<Asker>() ?? Anybody;

    /// <summary>
    /// A verified member speaks for its own service alone, whatever else it shows. Who has no identity is believed: without
    /// a mesh of identities the token is all there is.
    /// </summary>
    public bool MaySpeakFor(string service) =>
        Peer is null || string.Equals(Service, service, StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// Who may call whom is told to whoever runs the desk, and to each service of itself. What is not of one service is
    /// everybody's.
    /// </summary>
    public bool MayRead(PolicyKey key) =>
        MayEverything || key.Kind != PolicyDocumentKind.Security || key.Scope == PolicyScope.Global ||
        MaySpeakFor(key.Name!);

    /// <summary>A stream is what a process lives by: of a verified one, only itself is of concern, whatever else it shows.</summary>
    public bool MayReadOnStream(PolicyKey key) =>
        key is not { Kind: PolicyDocumentKind.Security, Scope: PolicyScope.Service } || MaySpeakFor(key.Name!);
}
