using Mesh.Client;

namespace Mesh.AspNetCore.Door;

/// <summary>Who a connection's peer proved to be.</summary>
/// <param name="Id">Its verified ID.</param>
/// <param name="Service">Its service, when it is of our trust domain: another one's <c>web</c> is not our <c>web</c>.</param>
/// <param name="VerifiedWith">Our identity at that time, with the roots it was verified by.</param>
/// <param name="NotAfter">When its certificate ends.</param>
internal sealed record MeshPeer(SpiffeId Id, string? Service, MeshIdentity VerifiedWith, DateTimeOffset NotAfter)
    : IMeshPeerFeature;
