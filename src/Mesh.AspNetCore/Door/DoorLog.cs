using Mesh.Policy;
using Microsoft.Extensions.Logging;

namespace Mesh.AspNetCore.Door;

/// <summary>What the door says; event ids are stable.</summary>
internal static partial class DoorLog
{
    [LoggerMessage(7040, LogLevel.Warning,
        "Refused at the door (reason {Reason}): {Caller}, connection {ConnectionId}. {Detail}{More}")]
    public static partial void Refused(
        ILogger logger, string reason, string caller, string connectionId, string detail, string more);

    [LoggerMessage(7041, LogLevel.Debug, "The TLS handshake of connection {ConnectionId} failed.")]
    public static partial void HandshakeFailed(ILogger logger, string connectionId);

    [LoggerMessage(7042, LogLevel.Error,
        "TLS of the mesh is not offered: this version of ASP.NET Core has changed where the door is fastened. Under " +
        "inbound.tls: strict every request is refused. Use a version of Mesh.AspNetCore made for it. {Error}")]
    public static partial void NoDoor(ILogger logger, string error);

    [LoggerMessage(7043, LogLevel.Information,
        "inbound.tls is {Mode} now; {Closed} open connections that it does not allow are asked to close.")]
    public static partial void ModeChanged(ILogger logger, InboundTls mode, int closed);

    [LoggerMessage(7045, LogLevel.Information,
        "A root is trusted no longer: {Count} open connections verified while it was are asked to close within {Spread}.")]
    public static partial void RootGone(ILogger logger, int count, TimeSpan spread);

    [LoggerMessage(7046, LogLevel.Information,
        "{Count} open connections are asked to close: the certificates of their callers have expired.")]
    public static partial void PeersExpired(ILogger logger, int count);

    [LoggerMessage(7044, LogLevel.Warning,
        "A request says its caller is '{Claimed}'; its connection {ConnectionId} proved that it is '{Proved}', which " +
        "counts.{More}")]
    public static partial void Mismatch(
        ILogger logger, string claimed, string proved, string connectionId, string more);

    [LoggerMessage(7047, LogLevel.Error,
        "Requests come to port {Port} past the door: TLS of the mesh is not offered there, and inbound.tls: strict refuses " +
        "them. Something replaces Kestrel's endpoint defaults after the mesh has set them (PostConfigure): configure Kestrel " +
        "by Configure or ConfigureKestrel instead.")]
    public static partial void Doorless(ILogger logger, int port);
}
