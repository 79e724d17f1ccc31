using Mesh.AspNetCore.Authorization;
using Mesh.AspNetCore.Inbound;
using Mesh.Client;
using Mesh.Client.Attempts;
using Mesh.Client.Security;
using Mesh.Policy;
using Microsoft.AspNetCore.Http;

namespace Mesh.AspNetCore.Door;

/// <summary>
/// The first thing a request meets: its scheme is that of the transport, and what the mode forbids ends here, also on
/// connections that were made before the mode changed.
/// </summary>
internal sealed class DoorMiddleware(
    RequestDelegate next, DoorKeeper keeper, DoorLedger ledger, DoorInstruments instruments, SlowBodies bodies)
{
    private const string ForwardedCertificate = "X-Forwarded-Client-Cert";

    public Task InvokeAsync(HttpContext context)
    {
        if (keeper.ConnectionOf(context) is not { } connection)
        {
            return next(context);
        }

        var isOurs = connection.Kind == DoorKind.Tls;
        if (context.Request.Scheme != connection.Scheme)
        {
            // A member over HTTP/2 says the scheme of the name it called.
            if (!isOurs && !keeper.AcceptsAnyScheme)
            {
                return RefuseSchemeAsync(context, connection);
            }

            context.Request.Scheme = isOurs ? connection.Scheme : context.Request.Scheme;
        }

        if (connection.Lapse is { } lapse && connection.IsOver(keeper.Time))
        {
            return RefuseAsync(context, connection, lapse);
        }

        if (isOurs)
        {
            // Who calls is known here; whom a header names is somebody else's word.
            context.Request.Headers.Remove(ForwardedCertificate);
            if (HttpProtocol.IsHttp2(context.Request.Protocol))
            {
                bodies.Pace(context, keeper);
            }
        }

        if (keeper.IsForStrangers(connection, context.Connection.RemoteIpAddress))
        {
            if (keeper.Mode == InboundTls.Strict)
            {
                return RefuseAsync(context, connection);
            }

            Count(context, connection);
        }

        return next(context);
    }

    /// <summary>Who would be refused under strict; nobody, while this process could not be strict at all.</summary>
    private void Count(HttpContext context, DoorConnection connection)
    {
        if (keeper.Mode == InboundTls.Permissive && keeper.Identity.Current is not null)
        {
            ledger.Plaintext(CallerName.Claimed(context.Request) ?? connection.Address);
            instruments.Unidentified(connection.Kind);
        }
    }

    private Task RefuseAsync(HttpContext context, DoorConnection connection)
    {
        keeper.Refuse(
            MeshReasons.Plaintext, connection.Address, "inbound.tls is strict: only TLS with a certificate of the mesh is let in.",
            context.Connection.Id);
        End(context, connection);
        return Refusal.WriteAsync(
            context, StatusCodes.Status403Forbidden, GrpcStatus.PermissionDenied, MeshReasons.Plaintext,
            "This service accepts TLS of the mesh only, with a certificate of the caller.");
    }

    private Task RefuseAsync(HttpContext context, DoorConnection connection, string lapse)
    {
        keeper.Refuse(
            lapse, CallerName.Of(context), "Its connection was asked to end, and it goes on beginning requests on it.",
            context.Connection.Id);
        End(context, connection);
        return Refusal.WriteAsync(
            context, StatusCodes.Status403Forbidden, GrpcStatus.PermissionDenied, lapse,
            "The certificate that was shown on this connection does not count any more; connect again.");
    }

    private Task RefuseSchemeAsync(HttpContext context, DoorConnection connection)
    {
        keeper.Refuse(
            MeshReasons.Scheme, connection.Address, $"The request says another scheme than {connection.Scheme}.",
            context.Connection.Id);
        return Refusal.WriteAsync(
            context, StatusCodes.Status400BadRequest, GrpcStatus.InvalidArgument, MeshReasons.Scheme,
            "The scheme of the request is not that of its connection.");
    }

    private static void End(HttpContext context, DoorConnection connection)
    {
        if (HttpProtocol.IsHttp11(context.Request.Protocol))
        {
            context.Response.Headers.Connection = "close";
        }

        connection.Lifetime?.RequestClose();
    }
}
