using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace Mesh.ConfigServer.Http;

/// <summary>
/// Lets through who knows the token: <c>Authorization: Bearer &lt;token&gt;</c>, or the token as the password of a
/// browser's own dialog. Probes of health are open.
/// </summary>
internal sealed class TokenGate(RequestDelegate next, string token)
{
    private readonly byte[] _expected = SHA256.HashData(Encoding.UTF8.GetBytes(token));

    public static void Use(WebApplication app)
    {
        if (app.Services.GetRequiredService<IOptions<DeskOptions>>().Value.Token is { } token)
        {
            app.Use(next => new TokenGate(next, token).InvokeAsync);
        }
    }

    public Task InvokeAsync(HttpContext context)
    {
        if (context.Request.Path == Routes.Healthz || context.Request.Path == Routes.Readyz ||
            (Presented(context.Request.Headers.Authorization.ToString()) is { } presented && IsExpected(presented)))
        {
            return next(context);
        }

        context.Response.Headers.WWWAuthenticate = new(["Bearer", "Basic realm=\"mesh desk\""]);
        return Answers.ProblemAsync(
            context,
            StatusCodes.Status401Unauthorized,
            "This desk wants its token: Authorization: Bearer <Desk:Token>.");
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
