using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Mesh.AspNetCore.Door;

/// <summary>
/// Puts the door before every endpoint of Kestrel, however it is set up: addresses, configuration (reloads included), or
/// code. Runs after everything the application configures; which addresses exist, and what the application says about
/// endpoints and HTTPS, stays as it is.
/// </summary>
internal sealed class KestrelDoor(DoorKeeper keeper, IKestrelMembers kestrel, ILogger<KestrelDoor> logger)
    : IPostConfigureOptions<KestrelServerOptions>
{
    public void PostConfigure(string? name, KestrelServerOptions options)
    {
        keeper.IsKestrels = true;
        keeper.AcceptsAnyScheme = options.AllowAlternateSchemes;
        try
        {
            // Asked here, where all is left as it was when one is missing, and not only when the server binds.
            Try(options);
            Attach(options);
        }
        catch (MissingMemberException error)
        {
            // Nothing is served that should not be: a connection that came through no door proves nothing, and what strict
            // forbids is refused by the middleware.
            keeper.IsBroken = true;
            DoorLog.NoDoor(logger, error.Message);
            return;
        }

        // Members say the scheme of the name they called, over TLS: the middleware judges schemes in Kestrel's place.
        keeper.Limits = options.Limits;
        options.AllowAlternateSchemes = true;
    }

    private void Try(KestrelServerOptions options)
    {
        var aside = new KestrelServerOptions { ApplicationServices = options.ApplicationServices };
        aside.Listen(IPAddress.Loopback, 0, endpoint => kestrel.IsTls(endpoint));
    }

    private void Attach(KestrelServerOptions options)
    {
        // Endpoints that exist already had the defaults applied; the others are made when the server starts.
        var defaults = kestrel.EndpointDefaults(options);
        var existing = kestrel.CodeBacked(options).Concat(kestrel.ConfigurationBacked(options)).ToArray();
        options.ConfigureEndpointDefaults(endpoint =>
        {
            DoorEndpoint.AttachTo(endpoint, keeper, kestrel);
            defaults(endpoint);
        });
        foreach (var endpoint in existing)
        {
            DoorEndpoint.AttachTo(endpoint, keeper, kestrel);
        }
    }
}
