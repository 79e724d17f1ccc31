using System.Globalization;
using System.Net;
using System.Text.Json;
using Mesh.Client;
using Mesh.LoadBench.Load;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.LoadBench.Roles;

/// <summary>
/// The calling process: runs the windows it is told on standard input and answers with what it saw. Lives until the
/// input ends.
/// </summary>
internal static class ClientRole
{
    private const string Service = "items";

    public static async Task RunAsync(ClientSetup setup)
    {
        using var telemetry = setup.Telemetry ? new Telemetry() : null;
        await using var provider = setup.UsesMesh ? CreateMesh(setup.Ports) : null;
        using var client = CreateClient(setup, provider);
        var addresses = provider is null
            ? setup.Ports.Select(static port => new Uri($"http://127.0.0.1:{port}/item")).ToArray()
            : [new Uri($"http://{Service}/item")];
        await ServeAsync(client, addresses, [setup.ServerId], []);
    }

    /// <summary>Runs the windows it is told, until the input ends.</summary>
    public static async Task ServeAsync(HttpClient client, Uri[] addresses, int[] serverIds, int[] proxyIds)
    {
        while (await Console.In.ReadLineAsync() is { } line)
        {
            var order = JsonSerializer.Deserialize<WindowOrder>(line)!;
            GC.Collect();
            var result = await new LoadWindow(client, addresses, serverIds, proxyIds).RunAsync(order);
            await Console.Out.WriteLineAsync(JsonSerializer.Serialize(result));
        }
    }

    private static ServiceProvider CreateMesh(int[] ports)
    {
        var services = new ServiceCollection();
        services.AddMesh(options =>
        {
            options.Discovery.UseConsul = false;
            options.Snapshot.Enabled = false;
            var upstream = new MeshUpstreamOptions();
            foreach (var port in ports)
            {
                upstream.Endpoints.Add(string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}"));
            }

            options.Upstreams[Service] = upstream;
        });
        return services.BuildServiceProvider();
    }

    private static HttpClient CreateClient(ClientSetup setup, ServiceProvider? mesh)
    {
        // What the mesh's own connections leave out too, so that a difference is not one of cookies or proxies.
        var sockets = new SocketsHttpHandler { UseCookies = false, UseProxy = false, AllowAutoRedirect = false };
        var handler = mesh?.GetRequiredService<IMeshHandlerFactory>().CreateHandler(inner: sockets) ?? sockets;
        return new HttpClient(handler)
        {
            DefaultRequestVersion = setup.UsesHttp2 ? HttpVersion.Version20 : HttpVersion.Version11,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
    }
}
