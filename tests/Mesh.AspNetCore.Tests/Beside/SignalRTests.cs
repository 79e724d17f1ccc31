using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Mesh.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.AspNetCore.Tests.Beside;

/// <summary>
/// A real SignalR server under a mesh name, spoken to as SignalR's client speaks: over the handler that its
/// <c>HttpMessageHandlerFactory</c> and <c>WebSocketFactory</c> are given.
/// </summary>
public sealed class SignalRTests : IAsyncLifetime
{
    private const char End = '\u001e';
    private const string Handshake = "{\"protocol\":\"json\",\"version\":1}";
    private const string Call = "{\"type\":1,\"invocationId\":\"1\",\"target\":\"Echo\",\"arguments\":[\"hello\"]}";
    private const string Result = "hello, said the hub";

    private readonly CancellationTokenSource _limit = new(TimeSpan.FromSeconds(60));
    private WebApplication _hub = null!;
    private ServiceProvider _services = null!;

    public async Task InitializeAsync()
    {
        _hub = await KestrelApp.StartAsync(b => b.Services.AddSignalR(), app => app.MapHub<EchoHub>("/chat"));
        _services = new ServiceCollection().AddMeshTo(_hub.Port()).BuildServiceProvider();
    }

    public async Task DisposeAsync()
    {
        await _services.DisposeAsync();
        await _hub.DisposeAsync();
        _limit.Dispose();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task WebSockets_WithoutNegotiation(bool byFactory)
    {
        using var socket = new ClientWebSocket();
        using var invoker = new HttpMessageInvoker(Handler(byFactory), disposeHandler: false);

        await socket.ConnectAsync(new Uri("ws://orders/chat"), invoker, _limit.Token);
        await socket.SendAsync(Message(Handshake + End), WebSocketMessageType.Text, true, _limit.Token);
        await socket.SendAsync(Message(Call + End), WebSocketMessageType.Text, true, _limit.Token);
        var received = "";
        var buffer = new byte[1024];
        while (!received.Contains(Result, StringComparison.Ordinal))
        {
            var part = await socket.ReceiveAsync(buffer.AsMemory(), _limit.Token);
            received += Encoding.UTF8.GetString(buffer, 0, part.Count);
        }

        Assert.StartsWith("{}", received, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ServerSentEvents(bool byFactory)
    {
        using var client = Client(byFactory);
        var url = await NegotiateAsync(client, HttpTransportType.ServerSentEvents);
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.Accept.ParseAdd("text/event-stream");
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, _limit.Token);
        using var events = new StreamReader(await response.Content.ReadAsStreamAsync(_limit.Token));

        await PostAsync(client, url, Handshake);
        await PostAsync(client, url, Call);

        while (await events.ReadLineAsync(_limit.Token) is { } line)
        {
            if (line.Contains(Result, StringComparison.Ordinal))
            {
                return;
            }
        }

        Assert.Fail("The stream ended without the result.");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task LongPolling(bool byFactory)
    {
        using var client = Client(byFactory);
        var url = await NegotiateAsync(client, HttpTransportType.LongPolling);
        Assert.Equal("", await client.GetStringAsync(url, _limit.Token));

        await PostAsync(client, url, Handshake);
        await PostAsync(client, url, Call);
        var received = "";
        while (!received.Contains(Result, StringComparison.Ordinal))
        {
            received += await client.GetStringAsync(url, _limit.Token);
        }

        using var ended = await client.DeleteAsync(url, _limit.Token);
        Assert.True(ended.IsSuccessStatusCode);
    }

    private static ArraySegment<byte> Message(string text) => Encoding.UTF8.GetBytes(text);

    private HttpMessageHandler Handler(bool byFactory) => byFactory
        ? _services.GetRequiredService<IHttpMessageHandlerFactory>().CreateHandler("signalr")
        : _services.GetRequiredService<IMeshHandlerFactory>().CreateHandler("signalr");

    private HttpClient Client(bool byFactory) => new(Handler(byFactory), disposeHandler: false);

    private async Task<string> NegotiateAsync(HttpClient client, HttpTransportType transport)
    {
        using var answer = await client.PostAsync("http://orders/chat/negotiate?negotiateVersion=1", null, _limit.Token);
        var offer = await answer.Content.ReadFromJsonAsync<JsonElement>(_limit.Token);
        Assert.Contains(
            offer.GetProperty("availableTransports").EnumerateArray(),
            t => t.GetProperty("transport").GetString() == transport.ToString());
        return $"http://orders/chat?id={offer.GetProperty("connectionToken").GetString()}";
    }

    private async Task PostAsync(HttpClient client, string url, string message)
    {
        using var answer = await client.PostAsync(url, new StringContent(message + End), _limit.Token);
        Assert.True(answer.IsSuccessStatusCode, $"{answer.StatusCode}");
    }
}
