using Mesh.Client;

namespace Mesh.AspNetCore.Door;

/// <summary>Who a connection's peer proved to be.</summary>
/// <param name="Id">Its verified ID.</param>
/// <param name="VerifiedWith">Our identity at that time, with the roots it was verified by.</param>
/// <param name="NotAfter">When its certificate ends.</param>
internal sealed record MeshPeer(SpiffeId Id, MeshIdentity VerifiedWith, DateTimeOffset NotAfter) : IMeshPeerFeature
{
    /// <summary>Found once: finding it takes the ID apart.</summary>
    public string? Service { get; } = Id.Service;
}
