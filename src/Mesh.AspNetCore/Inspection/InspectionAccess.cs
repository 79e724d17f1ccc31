using System.Net;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace Mesh.AspNetCore.Inspection;

/// <summary>
/// Who may look: callers on this machine, unless the endpoint says who else by asking for authorization, which the
/// platform has then seen to.
/// </summary>
/// <remarks>
/// On this machine means that the connection itself comes from a loopback address. What headers say of the client never
/// counts for it and always against it: a request that says it was forwarded comes from elsewhere. The host it asks for
/// must be this machine too, else a page on the internet whose name resolves to 127.0.0.1 could read the answer in a
/// developer's browser (DNS rebinding); and so must the page that asks.
/// </remarks>
internal static class InspectionAccess
{
    /// <summary>Headers of proxies. Their presence says that the connection's peer is not the one who asks.</summary>
    private static readonly string[] Forwarded =
    [
        "Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Original-For", "X-Original-Host",
        "X-Original-Proto", "X-Real-IP", "Via",
    ];

    /// <summary>Why the caller may not look, in a sentence; <see langword="null"/> when it may.</summary>
    public static string? Refusal(HttpContext context)
    {
        if (IsAuthorized(context.GetEndpoint()))
        {
            return null;
        }

        if (!IsLoopback(Peer(context)))
        {
            return "the connection does not come from a loopback address of this machine";
        }

        if (Array.Find(Forwarded, context.Request.Headers.ContainsKey) is { } header)
        {
            return $"the request has a header {header}, so a proxy sent it on for somebody else";
        }

        if (!IsOwnName(context.Request.Host.Host))
        {
            return "the request's Host header does not name this machine";
        }

        return IsOwnOrigin(context.Request.Headers.Origin.ToString())
            ? null
            : "a web page from elsewhere asks, by its Origin header";
    }

    /// <summary>Anonymous access stays what it is without the mesh: no reason to show more.</summary>
    private static bool IsAuthorized(Endpoint? endpoint) =>
        endpoint is not null
        && endpoint.Metadata.GetMetadata<IAllowAnonymous>() is null
        && (endpoint.Metadata.GetMetadata<IAuthorizeData>() is not null
            || endpoint.Metadata.GetMetadata<AuthorizationPolicy>() is not null);

    /// <summary>
    /// The address at the other end of the socket. The one the request carries is rewritten by middleware for forwarded
    /// headers; it is taken only where the server shows no socket.
    /// </summary>
    private static IPAddress? Peer(HttpContext context) =>
        context.Features.Get<IConnectionSocketFeature>() is { } connection
            ? (connection.Socket.RemoteEndPoint as IPEndPoint)?.Address
            : context.Connection.RemoteIpAddress;

    private static bool IsLoopback(IPAddress? address) =>
        address is not null && IPAddress.IsLoopback(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);

    private static bool IsOwnOrigin(string origin) =>
        origin.Length == 0 || (Uri.TryCreate(origin, UriKind.Absolute, out var uri) && IsOwnName(uri.Host));

    private static bool IsOwnName(string host) =>
        IPAddress.TryParse(host.Trim('[', ']'), out var address)
            ? IsLoopback(address)
            : host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
                || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
                || host.Equals(Environment.MachineName, StringComparison.OrdinalIgnoreCase);
}
