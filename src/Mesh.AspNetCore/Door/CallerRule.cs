using Mesh.AspNetCore.Inbound;
using Mesh.Client;
using Mesh.Client.Attempts;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.AspNetCore.Door;

/// <summary>Who may call an endpoint, by the identity its connection proved.</summary>
/// <param name="services">Names; none means everybody who proved one.</param>
internal sealed class CallerRule(IReadOnlyList<string> services)
{
    public Task InvokeAsync(HttpContext context, RequestDelegate inner)
    {
        var peer = context.Features.Get<IMeshPeerFeature>();
        return peer is not null && Allows(peer) ? inner(context) : RefuseAsync(context, peer);
    }

    private bool Allows(IMeshPeerFeature peer)
    {
        if (services.Count == 0)
        {
            return true;
        }

        foreach (var service in services)
        {
            if (string.Equals(service, peer.Service, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    private Task RefuseAsync(HttpContext context, IMeshPeerFeature? peer)
    {
        var caller = peer?.Id.ToString() ?? context.Features.Get<DoorConnection>()?.Address ?? "somebody unidentified";
        var allowed = services.Count == 0 ? "any service of the mesh" : string.Join(", ", services);
        context.RequestServices.GetService<DoorKeeper>()?.Refuse(
            MeshReasons.Caller, caller, $"The endpoint '{context.GetEndpoint()?.DisplayName}' is for {allowed}.",
            context.Connection.Id);
        return Refusal.WriteAsync(
            context, StatusCodes.Status403Forbidden, GrpcStatus.PermissionDenied, MeshReasons.Caller,
            peer is null
                ? "This endpoint is for callers that prove an identity of the mesh."
                : "This endpoint is not for this caller.");
    }
}
