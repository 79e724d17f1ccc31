using System.Net;
using System.Security.Cryptography;
using System.Text;
using Mesh.AspNetCore;
using Mesh.Client;
using Mesh.Client.Telemetry;
using Mesh.ConfigServer.Http;
using Microsoft.Extensions.Options;

namespace Mesh.ConfigServer.Access;

/// <summary>
/// Lets through who knows the token: <c>Authorization: Bearer &lt;token&gt;</c>, or the token as the password of a
/// browser's own dialog. Verified members of the desk's own trust domain need none to read and to report. Probes of health
/// are open.
/// </summary>
internal sealed class TokenGate(
    RequestDelegate next, string? token, IMeshIdentity identity, TimeProvider time, ILogger<TokenGate> logger)
{
    private readonly byte[]? _expected = token is null ? null : SHA256.HashData(Encoding.UTF8.GetBytes(token));
    private readonly LogLimiter _lines = new(time, most: 1, window: TimeSpan.FromHours(1));

    public static void Use(WebApplication app)
    {
        var services = app.Services;
        var token = services.GetRequiredService<IOptions<DeskOptions>>().Value.Token;
        app.Use(next => new TokenGate(
            next,
            token,
            services.GetRequiredService<IMeshIdentity>(),
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<ILogger<TokenGate>>()).InvokeAsync);
    }

    public Task InvokeAsync(HttpContext context)
    {
        if (context.Request.Path == Routes.Healthz || context.Request.Path == Routes.Readyz)
        {
            return next(context);
        }

        var peer = context.Features.Get<IMeshPeerFeature>();
        var asker = new Asker(peer?.Id, peer?.Service, HasToken(context));
        context.Features.Set(asker);
        if (asker.MayEverything)
        {
            return next(context);
        }

        var isMember = peer is not null && peer.Id.TrustDomain == identity.Current?.TrustDomain;
        return isMember && IsForMembers(context.Request) ? next(context) : RefuseAsync(context, isMember);
    }

    /// <summary>Reading, reporting, and asking what would be: nothing that changes what anybody else lives by.</summary>
    private static bool IsForMembers(HttpRequest request) =>
        HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) ||
        (HttpMethods.IsPut(request.Method) && request.Path.StartsWithSegments(Routes.Clients)) ||
        (HttpMethods.IsPost(request.Method) && request.Path == Routes.Validate);

    private static Task RefuseAsync(HttpContext context, bool isMember)
    {
        context.Response.Headers.WWWAuthenticate = new(["Bearer", "Basic realm=\"mesh desk\""]);
        return Answers.ProblemAsync(
            context,
            StatusCodes.Status401Unauthorized,
            "This desk wants its token: Authorization: Bearer <Desk:Token>." +
            (isMember ? " Members of the mesh may read and report without it, and nothing else." : ""));
    }

    private bool HasToken(HttpContext context)
    {
        if (_expected is null)
        {
            return true;
        }

        if (Presented(context.Request.Headers.Authorization.ToString()) is not { } presented || !IsExpected(presented))
        {
            return false;
        }

        WarnIfOverheard(context);
        return true;
    }

    /// <summary>
    /// Not refused: TLS may end at a proxy in front of the desk, and what was sent was already read by whoever listens.
    /// </summary>
    private void WarnIfOverheard(HttpContext context)
    {
        var from = context.Connection.RemoteIpAddress;
        if (context.Request.IsHttps || from is null || IPAddress.IsLoopback(from))
        {
            return;
        }

        if (_lines.MayWrite("token", out _))
        {
            DeskLog.TokenOverheard(logger, from);
        }
    }

    // Of equal-length hashes, so that neither content nor length of the token shows in the time it takes.
    private bool IsExpected(string presented) =>
        CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(presented)), _expected);

    private static string? Presented(string header)
    {
        const string bearer = "Bearer ";
        const string basic = "Basic ";
        if (header.StartsWith(bearer, StringComparison.OrdinalIgnoreCase))
        {
            return header[bearer.Length..].Trim();
        }

        if (!header.StartsWith(basic, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var bytes = new byte[header.Length];
        if (!Convert.TryFromBase64String(header[basic.Length..].Trim(), bytes, out var length))
        {
            return null;
        }

        var pair = Encoding.UTF8.GetString(bytes, 0, length);
        return pair[(pair.IndexOf(':') + 1)..];
    }
}
