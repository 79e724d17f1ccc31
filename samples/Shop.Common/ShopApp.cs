using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Shop.Common;

/// <summary>
/// What the demonstration adds around each service: where it logs, counts and books. None of it is needed for the mesh.
/// </summary>
public static class ShopApp
{
    /// <summary>Telemetry, access log, statistics, and the name of the caller on outgoing calls.</summary>
    public static void AddShop(this IHostApplicationBuilder builder)
    {
        var settings = ShopSettings.Read(builder.Configuration);
        builder.Services.AddSingleton(settings);
        builder.Services.AddSingleton(new AccessLog(
            Path.Combine(settings.Folder, "logs", settings.Service, settings.Instance + ".log")));
        builder.Services.AddHostedService<StatsWriter>();
        builder.Services.AddMesh().AddOpenTelemetry();
        builder.Services.ConfigureHttpClientDefaults(client =>
        {
            client.ConfigureHttpClient(c => c.DefaultRequestHeaders.Add(AccessLog.CallerHeader, settings.Service));
            if (settings.Canary is { } canary)
            {
                client.ConfigureHttpClient(c => c.DefaultRequestHeaders.Add("x-shop-canary", canary));
            }

            if (settings.StaticEndpoints is { } endpoints)
            {
                client.AddHttpMessageHandler(() => new StaticEndpointsHandler(endpoints, settings.Seed));
            }
        });
        builder.Services.ConfigureAll<HostOptions>(o => o.ShutdownTimeout = TimeSpan.FromSeconds(10));
    }

    /// <summary>Puts the access log first, and serves metrics and what the mesh knows.</summary>
    public static void UseShop(this WebApplication app)
    {
        var log = app.Services.GetRequiredService<AccessLog>();
        app.Use(next => context => log.InvokeAsync(context, next));
        app.Use(next => context => AnswerForUpstreamsAsync(context, next));
        app.MapMeshMetrics();
        app.MapMesh();
        app.MapGet("/shop/requests", () => log.Requests.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    /// <summary>The ledger this service's instances share.</summary>
    public static Ledger OpenLedger(this WebApplication app, string name) =>
        new(Path.Combine(app.Services.GetRequiredService<ShopSettings>().Folder, "ledger", name));

    /// <summary>
    /// A call that an upstream failed is answered with 503, one that it denied with 403, and a line in the log: a stack
    /// trace per call would cost more than the call, just when there is no time to lose.
    /// </summary>
    private static async Task AnswerForUpstreamsAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context);
        }
        catch (Exception failure) when (
            failure is HttpRequestException or OperationCanceledException or GrpcStatusException &&
            !context.Response.HasStarted)
        {
            var isDenied = failure is HttpRequestException { StatusCode: HttpStatusCode.Forbidden };
            context.Response.StatusCode =
                isDenied ? StatusCodes.Status403Forbidden : StatusCodes.Status503ServiceUnavailable;
            if (!context.RequestAborted.IsCancellationRequested)
            {
                Console.WriteLine($"{context.Request.Method} {context.Request.Path}: {failure.Message}");
            }
        }
    }
}
