using Mesh.AspNetCore.Authorization;
using Mesh.AspNetCore.Door;
using Mesh.Client;
using Microsoft.AspNetCore.Http;

namespace Mesh.AspNetCore.Inbound;

/// <summary>How a caller is called in logs, counts and rates. Who may call is never decided by it.</summary>
internal static class CallerName
{
    /// <summary>
    /// Whom a request says it comes from, which proves nothing; <see langword="null"/> when it says nothing, or several names,
    /// which come from a chain of copies.
    /// </summary>
    public static string? Claimed(HttpRequest request) =>
        request.Headers.TryGetValue(MeshHeaders.Caller, out var caller) && caller is [{ Length: > 0 } name] ? name : null;

    /// <summary>The service that the certificate names, else its ID.</summary>
    public static string Of(IMeshPeerFeature peer) => peer.Service ?? peer.Id.ToString();

    /// <summary>The same, and for callers who proved nothing whom they say they are, else their address.</summary>
    public static string Of(HttpContext context)
    {
        var features = context.Features;
        return features.Get<IMeshPeerFeature>() is { } peer ? Of(peer)
            : features.Get<ClaimedCaller>()?.Name ?? features.Get<DoorConnection>()?.Address ??
              context.Connection.RemoteIpAddress?.ToString() ?? "unknown";
    }
}
