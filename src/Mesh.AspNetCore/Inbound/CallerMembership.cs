using Mesh.Client;
using Microsoft.AspNetCore.Http;

namespace Mesh.AspNetCore.Inbound;

/// <summary>
/// Decides whether a request comes from a member, so that what it says for this hop counts. So far by the name the caller
/// gives itself: that keeps apart callers without the mesh, and a gateway that copies some headers and not this one. One
/// that copies all headers of a member passes for that member, with its attempt number, too. It proves nothing, since
/// anybody can write a header; all it opens is to be retried less and to be told of a drain.
/// </summary>
internal sealed class CallerMembership
{
    /// <summary>Exactly one name; several come from a chain of copies.</summary>
    public bool IsMember(HttpRequest request) =>
        request.Headers.TryGetValue(MeshHeaders.Caller, out var caller) && caller is [{ Length: > 0 }];
}
