using Mesh.AspNetCore.Door;
using Microsoft.AspNetCore.Http;

namespace Mesh.AspNetCore.Authorization;

/// <summary>How a caller is called in logs and counts. Nothing is decided by it.</summary>
internal static class CallerName
{
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
