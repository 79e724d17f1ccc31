using System.Net;
using System.Net.WebSockets;
using Mesh.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.AspNetCore.Tests.Beside;

/// <summary><c>ClientWebSocket</c> over a handler of the mesh, by HTTP/1.1 upgrade and by extended CONNECT.</summary>
public sealed class WebSocketTests
{
    [Theory]
    [InlineData(HttpProtocols.Http1, "HTTP/1.1")]
    [InlineData(HttpProtocols.Http2, "HTTP/2")]
    public async Task WebSocket_ReachesAnEndpoint_AndTalksBothWays(HttpProtocols protocols, string protocol)
    {
        await using var orders = await KestrelApp.StartAsync(_ => { }, app =>
        {
            app.UseWebSockets();
            app.Map("/ws", EchoAsync);
        }, protocols);
        await using var services = new ServiceCollection().AddMeshTo(orders.Port()).BuildServiceProvider();
        using var invoker = new HttpMessageInvoker(services.GetRequiredService<IMeshHandlerFactory>().CreateHandler());
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var socket = new ClientWebSocket();
        if (protocols == HttpProtocols.Http2)
        {
            socket.Options.HttpVersion = HttpVersion.Version20;
            socket.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        }

        await socket.ConnectAsync(new Uri("ws://orders/ws"), invoker, limit.Token);
        await socket.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Text, true, limit.Token);
        var buffer = new byte[64];
        var first = await socket.ReceiveAsync(buffer.AsMemory(), limit.Token);
        var said = System.Text.Encoding.UTF8.GetString(buffer, 0, first.Count);
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "", limit.Token);

        Assert.Equal($"hello over {protocol}", said);
        Assert.Equal(WebSocketState.Closed, socket.State);
    }

    private static async Task EchoAsync(HttpContext context)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        var buffer = new byte[64];
        var received = await socket.ReceiveAsync(buffer.AsMemory(), context.RequestAborted);
        var answer = System.Text.Encoding.UTF8.GetString(buffer, 0, received.Count) + " over " + context.Request.Protocol;
        await socket.SendAsync(
            System.Text.Encoding.UTF8.GetBytes(answer), WebSocketMessageType.Text, true, context.RequestAborted);
        await socket.ReceiveAsync(buffer.AsMemory(), context.RequestAborted);
        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", context.RequestAborted);
    }
}
