using System.Net;
using System.Net.WebSockets;
using System.Text;
using Mesh.AspNetCore.Tests.Support;
using Mesh.Client;
using Mesh.Consul;
using Mesh.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;

namespace Mesh.AspNetCore.Tests.Beside;

/// <summary>The real YARP in front of a mesh name: its forwarder alone, and its routes and clusters.</summary>
[Collection(ConsulCollection.Name)]
public sealed class YarpTests(ConsulCollection.Agent agent)
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Request_IsForwardedToTheService_BodiesAndAll(bool routes)
    {
        await using var orders = await HttpBackend.StartAsync(new HttpBackendOptions { Name = "orders" });
        await using var gateway = await GatewayAsync(routes, s => s.AddMeshTo(1, orders.Port));
        using var client = new HttpClient { BaseAddress = new Uri(gateway.Urls.Single()) };
        var body = new string('x', 300_000);

        // Half of the choices fall on a port where nobody listens: a body that can be read only once survives that.
        for (var i = 0; i < 6; i++)
        {
            using var posted = await client.PostAsync("/things?a=b", new StringContent(body));
            Assert.Equal(HttpStatusCode.OK, posted.StatusCode);
            Assert.Equal("orders", await posted.Content.ReadAsStringAsync());
        }

        Assert.Equal(6, orders.Requests.Count);
        Assert.All(orders.Requests, r => Assert.Equal("POST /things?a=b", $"{r.Method} {r.Path}"));
        Assert.All(orders.Requests, r => Assert.Equal(body.Length, int.Parse(r.Headers["Content-Length"])));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task HeadersOfTheMesh_AreNotForwarded_InEitherDirection(bool routes)
    {
        await using var orders = await HttpBackend.StartAsync();
        orders.Respond(context =>
        {
            context.Response.Headers[MeshHeaders.Draining] = "1";
            context.Response.Headers["x-own"] = "1";
            return Task.CompletedTask;
        });
        var service = $"yarp-{Guid.NewGuid():N}"[..12];
        using var consul = new ConsulClient(new ConsulClientOptions { Address = agent.Consul.Address.ToString() });
        await consul.RegisterServiceAsync(
            new ServiceRegistration
            {
                Id = service, Name = service, Address = "127.0.0.1", Port = orders.Port,
                Meta = new Dictionary<string, string> { [MeshMetadata.Schema] = "1" },
            },
            default);
        await using var gateway = await GatewayAsync(
            routes,
            services => services.AddMesh(options =>
            {
                options.Service = "gateway";
                options.Consul.Address = agent.Consul.Address.ToString();
                options.Snapshot.Enabled = false;
            }).AddServer(o => o.DrainDelay = TimeSpan.Zero),
            service);
        using var client = new HttpClient { BaseAddress = new Uri(gateway.Urls.Single()) };
        client.DefaultRequestHeaders.Add(MeshHeaders.Caller, "web");
        client.DefaultRequestHeaders.Add(MeshHeaders.Attempt, "7");
        client.DefaultRequestHeaders.Add(MeshHeaders.Deadline, "5000");

        using var answer = await client.GetAsync("/");

        var seen = Assert.Single(orders.Requests).Headers;
        Assert.Equal("gateway", seen[MeshHeaders.Caller]);
        Assert.DoesNotContain(MeshHeaders.Attempt, seen.Keys);

        // The gateway's own word for what is left of the caller's patience, not the caller's header.
        Assert.InRange(
            int.Parse(seen[MeshHeaders.Deadline]!, System.Globalization.CultureInfo.InvariantCulture), 1, 4999);
        Assert.True(answer.Headers.Contains("x-own"));
        Assert.False(answer.Headers.Contains(MeshHeaders.Draining));
        await consul.DeregisterServiceAsync(service, default);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task WebSocket_IsForwarded(bool routes)
    {
        await using var orders = await KestrelApp.StartAsync(_ => { }, app =>
        {
            app.UseWebSockets();
            app.Map("/ws", async (HttpContext context) =>
            {
                using var accepted = await context.WebSockets.AcceptWebSocketAsync();
                var text = new byte[16];
                var received = await accepted.ReceiveAsync(text.AsMemory(), context.RequestAborted);
                await accepted.SendAsync(
                    text.AsMemory(0, received.Count), WebSocketMessageType.Text, true, context.RequestAborted);
                await accepted.ReceiveAsync(text.AsMemory(), context.RequestAborted);
            });
        });
        await using var gateway = await GatewayAsync(routes, s => s.AddMeshTo(orders.Port()));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var socket = new ClientWebSocket();

        await socket.ConnectAsync(new Uri($"ws://127.0.0.1:{gateway.Port()}/ws"), limit.Token);
        await socket.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Text, true, limit.Token);
        var buffer = new byte[16];
        var answer = await socket.ReceiveAsync(buffer.AsMemory(), limit.Token);

        Assert.Equal("hello", Encoding.ASCII.GetString(buffer, 0, answer.Count));
    }

    private static Task<WebApplication> GatewayAsync(
        bool routes, Action<IServiceCollection> addMesh, string service = "orders") => KestrelApp.StartAsync(
        builder =>
        {
            addMesh(builder.Services);
            if (routes)
            {
                builder.Services.AddSingleton<IForwarderHttpClientFactory, MeshForwarders>();
                builder.Services.AddReverseProxy().LoadFromMemory(
                    [new RouteConfig { RouteId = "all", ClusterId = "orders", Match = new RouteMatch { Path = "{**all}" } }],
                    [
                        new ClusterConfig
                        {
                            ClusterId = "orders",
                            Destinations = new Dictionary<string, DestinationConfig>
                            {
                                ["orders"] = new() { Address = $"http://{service}" },
                            },
                        },
                    ]);
            }
            else
            {
                builder.Services.AddHttpForwarder();
            }
        },
        app =>
        {
            if (routes)
            {
                app.MapReverseProxy();
                return;
            }

            var invoker = new HttpMessageInvoker(app.Services.GetRequiredService<IMeshHandlerFactory>().CreateHandler(
                "forwarder",
                new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false }));
            app.Map("{**all}", async (HttpContext context, IHttpForwarder forwarder) =>
            {
                await forwarder.SendAsync(context, $"http://{service}", invoker);
            });
        });

    /// <summary>What the README shows: YARP's own clients, with the mesh around.</summary>
    private sealed class MeshForwarders(IMeshHandlerFactory handlers) : ForwarderHttpClientFactory
    {
        protected override HttpMessageHandler WrapHandler(
            ForwarderHttpClientContext context, HttpMessageHandler handler) =>
            handlers.CreateHandler(context.ClusterId, handler);
    }
}
