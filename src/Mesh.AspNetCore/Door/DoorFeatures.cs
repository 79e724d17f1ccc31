using Microsoft.AspNetCore.Http.Features;

namespace Mesh.AspNetCore.Door;

/// <summary>
/// What the door knows of a request's connection, for the layers that ask on every request. By key: the generic way takes
/// Kestrel twice as long for features that are not its own, two virtual generic calls of 40 ns, the request's and the
/// connection's.
/// </summary>
internal static class DoorFeatures
{
    /// <summary>The connection; <see langword="null"/> when it came through no door.</summary>
    public static DoorConnection? Connection(this IFeatureCollection features) =>
        (DoorConnection?)features[typeof(DoorConnection)];

    /// <summary>Who the caller proved to be; <see langword="null"/> when it proved nothing.</summary>
    public static IMeshPeerFeature? Peer(this IFeatureCollection features) =>
        (IMeshPeerFeature?)features[typeof(IMeshPeerFeature)];
}
