using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mesh.AspNetCore.Tests.Beside;

/// <summary>A small application on a loopback port of its own.</summary>
internal static class KestrelApp
{
    public static async Task<WebApplication> StartAsync(
        Action<WebApplicationBuilder> build, Action<WebApplication> map, HttpProtocols protocols = HttpProtocols.Http1)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0")
            .ConfigureKestrel(k => k.ConfigureEndpointDefaults(e => e.Protocols = protocols));
        build(builder);
        var app = builder.Build();
        map(app);
        await app.StartAsync();
        return app;
    }

    public static int Port(this WebApplication app) => new Uri(app.Urls.Single()).Port;

    /// <summary>A mesh in which <c>http://orders</c> is these ports; without Consul.</summary>
    public static IServiceCollection AddMeshTo(this IServiceCollection services, params int[] ports) =>
        services.AddMesh(options =>
        {
            options.Discovery.UseConsul = false;
            options.Snapshot.Enabled = false;
            var orders = new Client.MeshUpstreamOptions();
            foreach (var port in ports)
            {
                orders.Endpoints.Add($"127.0.0.1:{port}");
            }

            options.Upstreams["orders"] = orders;
        }).Services;
}
