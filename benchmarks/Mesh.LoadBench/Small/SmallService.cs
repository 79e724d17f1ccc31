using System.Globalization;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mesh.LoadBench.Small;

/// <summary>
/// A service as small ones are: one listener, a readiness, calls to its upstreams when told. With the mesh or without it, and
/// otherwise the same to the line.
/// </summary>
internal static class SmallService
{
    public static async Task RunAsync(SmallSetup setup)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Logging.AddConsole(static console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddHttpClient();
        var health = builder.Services.AddHealthChecks();
        if (setup.UsesMesh)
        {
            builder.Services.AddMesh(options =>
            {
                options.Service = "small";
                options.Consul.Address = setup.Consul;
                foreach (var upstream in setup.Upstreams)
                {
                    options.Upstreams[upstream] = new();
                }
            }).AddServer();
            health.AddMesh();
        }

        await using var app = builder.Build();
        app.MapHealthChecks("/ready", new HealthCheckOptions
        {
            ResponseWriter = static (context, report) =>
                context.Response.WriteAsync(report.Status.ToString()),
        });
        app.MapGet("/call", (IHttpClientFactory clients) => CallAsync(clients, setup));
        app.MapGet("/heap", static () =>
            (GC.GetTotalMemory(forceFullCollection: false) / 1048576.0).ToString("0.0", CultureInfo.InvariantCulture));
        await app.StartAsync();
        await Console.Out.WriteLineAsync(JsonSerializer.Serialize(new Uri(app.Urls.First()).Port));
        await Console.In.ReadToEndAsync();
        await app.StopAsync();
    }

    /// <summary>One call for each endpoint; which one gets it is the mesh's choice, or the plain client's turn.</summary>
    private static async Task<string> CallAsync(IHttpClientFactory clients, SmallSetup setup)
    {
        using var client = clients.CreateClient();
        var good = 0;
        for (var i = 0; i < setup.Ports.Length; i++)
        {
            var target = setup.UsesMesh
                ? $"http://{setup.Upstreams[i / setup.Each]}/item"
                : $"http://127.0.0.1:{setup.Ports[i]}/item";
            using var response = await client.GetAsync(new Uri(target));
            await response.Content.ReadAsByteArrayAsync();
            good += response.StatusCode == HttpStatusCode.OK ? 1 : 0;
        }

        return good.ToString(CultureInfo.InvariantCulture);
    }
}
