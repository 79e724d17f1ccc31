using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.AspNetCore.Authorization;

/// <summary>
/// Asks the application's own authentication who the end user is, by its default scheme, as
/// <c>UseAuthentication()</c> does a moment later: the handler remembers what it found for the request, so nothing is
/// verified twice, and <c>HttpContext.User</c> stays for the application to set.
/// </summary>
internal static class EndUsers
{
    public static async Task<EndUser> AskAsync(HttpContext context)
    {
        var services = context.RequestServices;
        if (services.GetService<IAuthenticationSchemeProvider>() is not { } schemes ||
            await schemes.GetDefaultAuthenticateSchemeAsync().ConfigureAwait(false) is not { } scheme)
        {
            return EndUser.Nobody;
        }

        var result = await services.GetRequiredService<IAuthenticationService>()
            .AuthenticateAsync(context, scheme.Name).ConfigureAwait(false);
        return new EndUser(true, result.Succeeded ? result.Principal : null);
    }
}
