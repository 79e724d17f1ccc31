using System.Net;
using System.Text.Json;
using Mesh.AspNetCore;
using Mesh.LoadBench.Roles;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mesh.LoadBench.Mtls.Roles;

/// <summary>The called process with the mesh, nothing set but its name and its Consul. Lives until its input ends.</summary>
internal static class MeshServerRole
{
    /// <summary>Answers with the protocol of the request and the identity that its connection proved.</summary>
    public const string PeerPath = "/peer";

    public static async Task RunAsync(MeshServerSetup setup)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddMesh(options =>
        {
            (options.Service, options.Instance) = (setup.Service, setup.Instance);
            options.Consul.Address = setup.Consul;
            options.Snapshot.Enabled = false;
        }).AddServer();
        await using var app = builder.Build();
        app.MapGet(PeerPath, static (HttpContext context) =>
            $"{context.Request.Protocol} {context.Features.Get<IMeshPeerFeature>()?.Id.ToString() ?? "-"}");
        app.MapGet("/item", static context =>
        {
            context.Response.ContentType = "application/json";
            context.Response.ContentLength = ServerRole.Body.Length;
            return context.Response.Body.WriteAsync(ServerRole.Body).AsTask();
        });
        await app.StartAsync();
        await Console.Out.WriteLineAsync(JsonSerializer.Serialize(Environment.ProcessId));
        await Console.In.ReadToEndAsync();
        await app.StopAsync();
    }
}
