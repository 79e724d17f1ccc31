namespace Mesh.Client.Security;

/// <summary>As whom a connection is made, and to whom.</summary>
/// <param name="Identity">Ours.</param>
/// <param name="Expected">The only peer that is accepted.</param>
/// <param name="ServerName">Sent as the server's name: the logical service, which peers may choose a certificate by.</param>
internal sealed record PeerTerms(MeshIdentity Identity, SpiffeId Expected, string ServerName);
