using Mesh.AspNetCore.Door;
using Mesh.Policy;
using Microsoft.AspNetCore.Http;

namespace Mesh.AspNetCore.Inbound;

/// <summary>
/// Decides whether a request comes from a member, so that what it says for this hop counts. Over TLS of the mesh a member
/// is who proved it; its request says so too, which keeps apart what the mesh sent from what an application did. In
/// plaintext, while that is let in, by the name the caller gives itself: that keeps apart callers without the mesh, and a
/// gateway that copies some headers and not this one, and proves nothing. All it opens is to be retried less, to be told of a
/// drain, to be given less time, to have a bucket of its own under <c>inbound.rate</c>, and to matter less.
/// </summary>
internal sealed class CallerMembership(DoorKeeper keeper)
{
    public bool IsMember(HttpRequest request)
    {
        if (CallerName.Claimed(request) is not { } claimed)
        {
            return false;
        }

        if (request.HttpContext.Features.Connection()?.Peer is not { } peer)
        {
            return keeper.Mode != InboundTls.Strict;
        }

        if (string.Equals(claimed, peer.Service, StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        keeper.Mismatch(claimed, CallerName.Of(peer), request.HttpContext.Connection.Id);
        return false;
    }

    /// <summary>
    /// Whether a member may say that its request matters more than others. Where members can prove who they are, only who did:
    /// anybody can write the header, and would have the place of somebody who waits.
    /// </summary>
    public bool MayMatterMore(HttpContext context) =>
        context.Features.Get<DoorConnection>()?.Peer is not null || keeper.Identity.Current is null;
}
