using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Mesh.AspNetCore.Door;

/// <summary>
/// Puts the door before every endpoint of Kestrel, however it is set up: addresses, configuration (reloads included), or
/// code. Runs after everything the application configures; which addresses exist, and what the application says about
/// endpoints and HTTPS, stays as it is.
/// </summary>
internal sealed class KestrelDoor(DoorKeeper keeper, ILogger<KestrelDoor> logger)
    : IPostConfigureOptions<KestrelServerOptions>
{
    public void PostConfigure(string? name, KestrelServerOptions options)
    {
        try
        {
            Attach(options);
        }
        catch (MissingMemberException error)
        {
            // Nothing is served that should not be: without a door no connection proves anything, and what TLS forbids
            // is refused by the middleware.
            keeper.IsBroken = true;
            DoorLog.NoDoor(logger, error.Message);
            return;
        }

        // Members say the scheme of the name they called, over TLS: the middleware judges schemes in Kestrel's place.
        keeper.Limits = options.Limits;
        keeper.AcceptsAnyScheme = options.AllowAlternateSchemes;
        options.AllowAlternateSchemes = true;
    }

    private void Attach(KestrelServerOptions options)
    {
        // Endpoints that exist already had the defaults applied; the others are made when the server starts.
        var defaults = KestrelInternals.EndpointDefaults(options);
        var existing = KestrelInternals.CodeBacked(options).Concat(KestrelInternals.ConfigurationBacked(options)).ToArray();
        options.ConfigureEndpointDefaults(endpoint =>
        {
            DoorEndpoint.AttachTo(endpoint, keeper);
            defaults(endpoint);
        });
        foreach (var endpoint in existing)
        {
            DoorEndpoint.AttachTo(endpoint, keeper);
        }
    }
}
