namespace Mesh.Consul;

/// <summary>The roots of Connect's authority.</summary>
/// <param name="TrustDomain">What the IDs it signs begin with.</param>
/// <param name="ActiveRootId">The root that signs now.</param>
/// <param name="Roots">All that are trusted.</param>
public sealed record ConnectRoots(string TrustDomain, string ActiveRootId, IReadOnlyList<ConnectRoot> Roots);
