using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Mesh.Client.Tests.Support;
using Mesh.Policy;
using Mesh.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Mesh.Client.Tests.Pipeline;

/// <summary>The failure table, leases and upgrades on real connections.</summary>
public sealed class SocketTests : IAsyncLifetime
{
    private HttpBackend _first = null!;
    private HttpBackend _second = null!;
    private TestMesh _mesh = null!;

    public async Task InitializeAsync()
    {
        _first = await HttpBackend.StartAsync(new HttpBackendOptions { Name = "first" });
        _second = await HttpBackend.StartAsync(new HttpBackendOptions { Name = "second" });
        _mesh = SocketMesh.To(_first.Port, _second.Port);
    }

    public async Task DisposeAsync()
    {
        _mesh.Dispose();
        await _first.DisposeAsync();
        await _second.DisposeAsync();
    }

    [Fact]
    public async Task Post_OneEndpointIsGone_EveryCallSucceedsOnTheOther()
    {
        await _first.DisposeAsync();
        using var client = _mesh.HttpClient();

        for (var i = 0; i < 50; i++)
        {
            using var response = await client.PostAsync("/", new StreamContent(new MemoryStream([1, 2, 3])));
            Assert.Equal("second", await response.Content.ReadAsStringAsync());
        }

        Assert.True(_mesh.EndpointOf("a").IsSuspect);
        Assert.All(_second.Requests, request => Assert.Equal([1, 2, 3], request.Body));
    }

    [Fact]
    public async Task Get_ConnectionsReset_AreRetriedElsewhere_AndPostsAreNot()
    {
        _first.Respond(BackendAnswer.Reset);
        using var client = _mesh.HttpClient();
        var failed = 0;

        for (var i = 0; i < 3; i++)
        {
            using var response = await client.GetAsync("/");
            Assert.Equal("second", await response.Content.ReadAsStringAsync());
        }

        _second.Respond(BackendAnswer.Reset);
        var exception = await Assert.ThrowsAsync<MeshException>(() => client.PostAsync("/", new StringContent("x")));
        failed++;

        Assert.Equal(MeshFailureReason.Reset, exception.Reason);
        Assert.Equal(1, _first.Requests.Concat(_second.Requests).Count(request => request.Method == "POST"));
        Assert.Equal(1, failed);
    }

    [Fact]
    public async Task Get_EndpointHangs_AnotherAnswersWithinTheAttemptsDeadline()
    {
        _first.Respond(BackendAnswer.Hang);
        _mesh.WithPolicy(timeout: rule => rule with { Total = TimeSpan.FromSeconds(30), Attempt = TimeSpan.FromMilliseconds(300) });
        using var client = _mesh.HttpClient();

        for (var i = 0; i < 3; i++)
        {
            Assert.Equal("second", await client.GetStringAsync("/"));
        }
    }

    [Fact]
    public async Task Get_BodyCutShort_BlamesTheEndpointAndEndsTheLease()
    {
        _first.Respond(BackendAnswer.CutMidBody);
        _second.Respond(BackendAnswer.CutMidBody);
        _mesh.WithPolicy(edit: policy => policy with { Outlier = policy.Outlier with { Consecutive = 1 } });
        using var client = _mesh.HttpClient();

        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync("/"));

        Assert.All(_mesh.Upstream.Endpoints, e => Assert.Equal(0, e.InFlight));
        Assert.Single(_mesh.Upstream.Endpoints, e => e.State == Client.Pipeline.EndpointState.Ejected);
    }

    [Fact]
    public async Task Get_SlowBody_HoldsTheLeaseUntilItEnds()
    {
        var release = new TaskCompletionSource();
        Task Answer(HttpContext context) => Stream(context, release.Task);
        _first.Respond(Answer);
        _second.Respond(Answer);
        using var client = _mesh.HttpClient();
        using var response = await client.SendAsync(TestMesh.Get(), HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(1, _mesh.Upstream.Endpoints.Sum(e => e.InFlight));

        release.SetResult();
        Assert.Equal("firstlast", await response.Content.ReadAsStringAsync());

        Assert.Equal(0, _mesh.Upstream.Endpoints.Sum(e => e.InFlight));
    }

    [Fact]
    public async Task Get_EmptyBody_EndsTheLeaseThoughNobodyDisposesTheAnswer()
    {
        _first.Respond(BackendAnswer.Status(404));
        _second.Respond(BackendAnswer.Status(404));

        var response = await _mesh.Invoker().SendAsync(TestMesh.Get(), default);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal(0, _mesh.Upstream.Endpoints.Sum(e => e.InFlight));
    }

    [Fact]
    public async Task Chunked_BufferedAnswer_KnowsItsLengthAsWithoutTheMesh()
    {
        Task Answer(HttpContext context) => Stream(context, Task.CompletedTask);
        _first.Respond(Answer);
        _second.Respond(Answer);
        using var client = _mesh.HttpClient();
        using var direct = new HttpClient();

        using var meshed = await client.GetAsync("/");
        using var plain = await direct.GetAsync(_first.Address);

        Assert.Equal(plain.Content.Headers.ContentLength, meshed.Content.Headers.ContentLength);
        Assert.Equal(plain.Content.Headers.ToString(), meshed.Content.Headers.ToString());
    }

    [Fact]
    public async Task WebSocket_IsUpgradedAndTalksBothWays()
    {
        _first.Respond(Echo);
        _second.Respond(Echo);
        using var socket = new ClientWebSocket();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));

        await socket.ConnectAsync(new Uri("ws://orders/ws"), _mesh.Invoker(), limit.Token);
        Assert.Equal(1, _mesh.Upstream.Endpoints.Sum(e => e.InFlight));
        await socket.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Text, true, limit.Token);
        var buffer = new byte[16];
        var received = await socket.ReceiveAsync(buffer.AsMemory(), limit.Token);
        Assert.Equal("hello", Encoding.ASCII.GetString(buffer, 0, received.Count));
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "", limit.Token);
        socket.Dispose();

        await Eventually.TrueAsync(() => _mesh.Upstream.Endpoints.Sum(e => e.InFlight) == 0);
    }

    [Fact]
    public async Task Http2_WithPriorKnowledge_IsSpokenWhenAskedForExactly()
    {
        await using var backend = await HttpBackend.StartAsync(new HttpBackendOptions { Protocols = HttpProtocols.Http2 });
        using var mesh = SocketMesh.To(backend.Http2Address.Port);
        using var request = TestMesh.Get();
        (request.Version, request.VersionPolicy) = (HttpVersion.Version20, HttpVersionPolicy.RequestVersionExact);

        using var response = await mesh.Invoker().SendAsync(request, default);

        Assert.Equal(HttpVersion.Version20, response.Version);
        Assert.Equal("HTTP/2", backend.Requests.Single().Protocol);
        Assert.Equal("orders", backend.Requests.Single().Host);
    }

    [Fact]
    public async Task Http2_RefusedStream_IsTriedElsewhereThoughItIsAPost()
    {
        await using var refusing = await RawHttp2Backend.StartAsync();
        await using var good = await RawHttp2Backend.StartAsync();
        for (var i = 0; i < 20; i++)
        {
            refusing.Enqueue(RawHttp2Answer.RefusedStream);
        }

        using var mesh = SocketMesh.To(refusing.Port, good.Port);
        for (var i = 0; i < 4; i++)
        {
            using var request = TestMesh.Post(new StringContent("x"));
            (request.Version, request.VersionPolicy) = (HttpVersion.Version20, HttpVersionPolicy.RequestVersionExact);
            using var response = await mesh.Invoker().SendAsync(request, default);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        Assert.True(refusing.RequestCount > 0);
        Assert.Equal(4, good.RequestCount);
    }

    [Fact]
    public async Task Http2_StreamReset_IsRetriedForGetsOnly()
    {
        await using var backend = await RawHttp2Backend.StartAsync();
        using var mesh = SocketMesh.To(backend.Port);
        backend.Enqueue(RawHttp2Answer.ResetStream(2)).Enqueue(RawHttp2Answer.Ok).Enqueue(RawHttp2Answer.ResetStream(2));
        using var get = TestMesh.Get();
        using var post = TestMesh.Post(new StringContent("x"));
        (get.Version, get.VersionPolicy) = (HttpVersion.Version20, HttpVersionPolicy.RequestVersionExact);
        (post.Version, post.VersionPolicy) = (HttpVersion.Version20, HttpVersionPolicy.RequestVersionExact);

        using var response = await mesh.Invoker().SendAsync(get, default);
        await Assert.ThrowsAsync<MeshException>(() => mesh.Invoker().SendAsync(post, default));

        Assert.Equal(3, backend.RequestCount);
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("PATCH")]
    public async Task Send_WithoutBodyOverAConnectionThatEndsUnanswered_ReachesTheServerOnce(string method)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var received = new ConcurrentQueue<string>();
        var serving = ServeAsync(listener, received, endAt: method);
        using var mesh = SocketMesh.To(((IPEndPoint)listener.LocalEndpoint).Port);
        using var client = mesh.HttpClient();
        using var warm = await client.GetAsync("/");
        using var request = new HttpRequestMessage(new HttpMethod(method), "/");

        await Assert.ThrowsAsync<MeshException>(() => client.SendAsync(request));

        Assert.Null(request.Content);
        var sent = Assert.Single(received, head => head.StartsWith(method, StringComparison.Ordinal));
        Assert.Contains("Content-Length: 0\r\n", sent, StringComparison.Ordinal);
        listener.Stop();
        await Assert.ThrowsAnyAsync<Exception>(() => serving);
    }

    /// <summary>Answers each request with 200; reads one of the method <paramref name="endAt"/>, and hangs up.</summary>
    private static async Task ServeAsync(TcpListener listener, ConcurrentQueue<string> received, string endAt)
    {
        var buffer = new byte[4096];
        while (true)
        {
            using var socket = await listener.AcceptSocketAsync();
            while (await socket.ReceiveAsync(buffer) is > 0 and var read)
            {
                var head = Encoding.ASCII.GetString(buffer, 0, read);
                received.Enqueue(head);
                if (head.StartsWith(endAt, StringComparison.Ordinal))
                {
                    break;
                }

                await socket.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"u8.ToArray());
            }
        }
    }

    private static async Task Stream(HttpContext context, Task release)
    {
        await context.Response.WriteAsync("first");
        await context.Response.Body.FlushAsync();
        await release;
        await context.Response.WriteAsync("last");
    }

    /// <summary>A WebSocket by hand, as a peer that is not ours would: accept, echo frames until the close.</summary>
    private static async Task Echo(HttpContext context)
    {
        var accept = Convert.ToBase64String(System.Security.Cryptography.SHA1.HashData(Encoding.ASCII.GetBytes(
            context.Request.Headers.SecWebSocketKey + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
        context.Response.Headers.SecWebSocketAccept = accept;
        context.Response.Headers.Upgrade = "websocket";
        var upgrade = context.Features.Get<IHttpUpgradeFeature>()!;
        await using var stream = await upgrade.UpgradeAsync();
        using var socket = WebSocket.CreateFromStream(stream, new WebSocketCreationOptions { IsServer = true });
        var buffer = new byte[100];
        while (true)
        {
            var received = await socket.ReceiveAsync(buffer.AsMemory(), context.RequestAborted);
            if (received.MessageType == WebSocketMessageType.Close)
            {
                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", context.RequestAborted);
                return;
            }

            await socket.SendAsync(buffer.AsMemory(0, received.Count), received.MessageType, true, context.RequestAborted);
        }
    }
}
