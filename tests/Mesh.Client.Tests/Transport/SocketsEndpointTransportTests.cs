using System.Buffers.Binary;
using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Mesh.Client.Tests.Support;
using Mesh.Client.Transport;
using Mesh.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Mesh.Client.Tests.Transport;

public sealed class SocketsEndpointTransportTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData("1.1", "HTTP/1.1")]
    [InlineData("2.0", "HTTP/2")]
    public async Task Send_LogicalUri_ReachesTheEndpointUnderThatName(string version, string protocol)
    {
        await using var backend = await StartAsync(version);
        using var transport = new TransportUnderTest("127.0.0.1", backend.Port);
        using var request = TransportUnderTest.Request("http://orders/items?x=1", Version.Parse(version));

        using var response = await transport.Transport.SendAsync(request, ClientProfile.Default, default);

        Assert.Equal(Version.Parse(version), response.Version);
        Assert.Equal("http://orders/items?x=1", request.RequestUri!.OriginalString);
        var seen = Assert.Single(backend.Requests);
        Assert.Equal(("orders", protocol), (seen.Host, seen.Protocol));
    }

    [Fact]
    public async Task Send_EndpointGivenByName_IsResolved()
    {
        await using var backend = await HttpBackend.StartAsync();
        using var transport = new TransportUnderTest("localhost", backend.Port);

        using var response = await transport.SendAsync("http://orders/");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Connections_AreThoseOpen()
    {
        await using var backend = await HttpBackend.StartAsync();
        using var transport = new TransportUnderTest("127.0.0.1", backend.Port);
        Assert.Equal(0, transport.Transport.Connections);

        using (var response = await transport.SendAsync("http://orders/"))
        {
            await response.Content.ReadAsStringAsync();
        }

        Assert.Equal(1, transport.Transport.Connections);
        transport.Transport.Dispose();
        await Eventually.TrueAsync(() => transport.Transport.Connections == 0, "the connection to close");
    }

    [Fact]
    public async Task Http2_PeerMaySendAMegabyteOfAnAnswerAtOnce()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var transport = new TransportUnderTest("127.0.0.1", ((IPEndPoint)listener.LocalEndpoint).Port);
        using var stop = new CancellationTokenSource(Patience);

        var sending = transport.SendAsync("http://orders/", HttpVersion.Version20, cancellationToken: stop.Token);
        using (var peer = await listener.AcceptTcpClientAsync(stop.Token))
        {
            // "PRI * ..." and the SETTINGS that follow it: six bytes each, 4 is the window of a stream.
            var greeting = new byte[24 + 9];
            await peer.GetStream().ReadExactlyAsync(greeting, stop.Token);
            var settings = new byte[greeting[26]];
            await peer.GetStream().ReadExactlyAsync(settings, stop.Token);
            var windows = settings.Chunk(6).Where(s => s[1] == 4).Select(
                s => BinaryPrimitives.ReadInt32BigEndian(s.AsSpan(2)));
            Assert.Equal(1024 * 1024, Assert.Single(windows));
        }

        await Assert.ThrowsAnyAsync<HttpRequestException>(() => sending);
    }

    [Fact]
    public async Task Send_OneAfterTheOther_UsesOneConnection()
    {
        await using var backend = await HttpBackend.StartAsync();
        using var transport = new TransportUnderTest("127.0.0.1", backend.Port);

        for (var i = 0; i < 5; i++)
        {
            using var response = await transport.SendAsync("http://orders/");
            await response.Content.ReadAsStringAsync();
        }

        Assert.Equal(1, backend.ConnectionCount);
    }

    [Fact]
    public async Task Send_Synchronously_Works()
    {
        await using var backend = await HttpBackend.StartAsync();
        using var transport = new TransportUnderTest("127.0.0.1", backend.Port);

        using var response = await Task.Run(() => transport.Transport.Send(
            TransportUnderTest.Request("http://orders/"), ClientProfile.Default, CancellationToken.None));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public void Send_SynchronouslyOverHttp2_IsRefusedAsThePlatformDoes()
    {
        using var transport = new TransportUnderTest("127.0.0.1", 1);

        Assert.Throws<NotSupportedException>(() => transport.Transport.Send(
            TransportUnderTest.Request("http://orders/", new Version(2, 0)), ClientProfile.Default,
            CancellationToken.None));
    }

    [Fact]
    public async Task Send_ToAMovedEndpoint_DialsTheNewAddress()
    {
        await using var former = await HttpBackend.StartAsync(new HttpBackendOptions { Name = "former" });
        await using var latter = await HttpBackend.StartAsync(new HttpBackendOptions { Name = "latter" });
        former.Respond(BackendAnswer.Status(200, "former", ("Connection", "close"))); // so that the next call connects
        using var transport = new TransportUnderTest("127.0.0.1", former.Port);
        using var before = await transport.SendAsync("http://orders/");
        Assert.Equal("former", await before.Content.ReadAsStringAsync());

        transport.Target = ("127.0.0.1", latter.Port);
        using var response = await transport.SendAsync("http://orders/");

        Assert.Equal("latter", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Redirect_IsHandedOut_AndCookiesAreNotKept()
    {
        await using var backend = await HttpBackend.StartAsync();
        backend.Respond(BackendAnswer.Status(302, "", ("Location", "/elsewhere"), ("Set-Cookie", "session=1; path=/")));
        using var transport = new TransportUnderTest("127.0.0.1", backend.Port);

        using var response = await transport.SendAsync("http://orders/");
        using var second = await transport.SendAsync("http://orders/");

        Assert.Equal(HttpStatusCode.Found, response.StatusCode);
        Assert.All(backend.Requests, request => Assert.DoesNotContain("Cookie", request.Headers.Keys));
        Assert.Equal(2, backend.RequestCount);
    }

    [Fact]
    public async Task Profiles_OfDifferentClients_AreHonouredSideBySide()
    {
        await using var backend = await HttpBackend.StartAsync();
        backend.Respond(async context =>
        {
            var asked = context.Request.Headers.AcceptEncoding.ToString();
            context.Response.Headers["x-long"] = new string('x', 4096);
            if (asked.Contains("gzip", StringComparison.Ordinal))
            {
                context.Response.Headers.ContentEncoding = "gzip";
                await using var gzip = new GZipStream(context.Response.Body, CompressionLevel.Fastest);
                await gzip.WriteAsync("squeezed"u8.ToArray());
                return;
            }

            await context.Response.WriteAsync("plain");
        });
        using var transport = new TransportUnderTest("127.0.0.1", backend.Port);

        using var plain = await transport.SendAsync("http://orders/");
        using var squeezed = await transport.SendAsync(
            "http://orders/", profile: ClientProfile.Of(DecompressionMethods.GZip, 64));

        Assert.Equal("plain", await plain.Content.ReadAsStringAsync());
        Assert.Equal("squeezed", await squeezed.Content.ReadAsStringAsync());
        await Assert.ThrowsAsync<HttpRequestException>(() => transport.SendAsync(
            "http://orders/", profile: ClientProfile.Of(DecompressionMethods.None, 1)));
    }

    [Fact]
    public async Task Profiles_BeyondTheBound_ShareConnections()
    {
        await using var backend = await HttpBackend.StartAsync();
        using var transport = new TransportUnderTest("127.0.0.1", backend.Port);

        for (var length = 1; length <= 3 * SocketsEndpointTransport.MaxProfiles; length++)
        {
            using var response = await transport.SendAsync(
                "http://orders/", profile: ClientProfile.Of(DecompressionMethods.None, length));
            await response.Content.ReadAsStringAsync();
        }

        Assert.Equal(SocketsEndpointTransport.MaxProfiles, backend.ConnectionCount);
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task Dispose_WithRunningCalls_LetsThemFinish(string version)
    {
        await using var backend = await StartAsync(version);
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var finish = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        backend.Respond(async context =>
        {
            await context.Response.WriteAsync("first ");
            await context.Response.Body.FlushAsync();
            begun.TrySetResult();
            await finish.Task;
            await context.Response.WriteAsync("last");
        });
        using var transport = new TransportUnderTest("127.0.0.1", backend.Port);
        using var running = await transport.Transport.SendAsync(
            TransportUnderTest.Request("http://orders/", Version.Parse(version)), ClientProfile.Default, default);
        await begun.Task.WaitAsync(Patience);

        transport.Transport.Dispose();
        transport.Transport.Dispose(); // as harmless as any second Dispose
        finish.SetResult();

        Assert.Equal("first last", await running.Content.ReadAsStringAsync().WaitAsync(Patience));
    }

    [Fact]
    public async Task Send_AfterDispose_ProvesThatNothingWasSent()
    {
        await using var backend = await HttpBackend.StartAsync();
        using var used = new TransportUnderTest("127.0.0.1", backend.Port);
        (await used.SendAsync("http://orders/")).Dispose();
        using var unused = new TransportUnderTest("127.0.0.1", backend.Port);

        used.Transport.Dispose();
        unused.Transport.Dispose();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => used.SendAsync("http://orders/"));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => unused.SendAsync("http://orders/"));
        Assert.Equal(1, backend.RequestCount);
    }

    [Fact]
    public async Task WebSocket_UpgradesAndEchoes()
    {
        await using var backend = await HttpBackend.StartAsync();
        backend.Respond(async context =>
        {
            var upgrade = context.Features.Get<IHttpUpgradeFeature>()!;
            context.Response.Headers.Upgrade = "websocket";
            context.Response.Headers.Connection = "Upgrade";
            context.Response.Headers["Sec-WebSocket-Accept"] = Accept(context.Request.Headers["Sec-WebSocket-Key"]!);
            await using var stream = await upgrade.UpgradeAsync();
            using var socket = WebSocket.CreateFromStream(stream, new WebSocketCreationOptions { IsServer = true });
            var buffer = new byte[64];
            var got = await socket.ReceiveAsync(buffer.AsMemory(), default);
            await socket.SendAsync(buffer.AsMemory(0, got.Count), got.MessageType, endOfMessage: true, default);
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, default);
        });
        using var transport = new TransportUnderTest("127.0.0.1", backend.Port);
        using var invoker = new HttpMessageInvoker(new Through(transport.Transport));
        using var client = new ClientWebSocket();

        await client.ConnectAsync(new Uri("ws://orders/feed"), invoker, default).WaitAsync(Patience);
        await client.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, default);
        var answer = new byte[64];
        var received = await client.ReceiveAsync(answer, default).WaitAsync(Patience);

        Assert.Equal("hello", Encoding.UTF8.GetString(answer, 0, received.Count));
        Assert.Equal("orders", Assert.Single(backend.Requests).Host);
    }

    private static Task<HttpBackend> StartAsync(string version) => HttpBackend.StartAsync(new HttpBackendOptions
    {
        Protocols = version == "2.0" ? HttpProtocols.Http2 : HttpProtocols.Http1,
    });

    private static string Accept(string key) => Convert.ToBase64String(System.Security.Cryptography.SHA1.HashData(
        Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));

    private sealed class Through(EndpointTransport transport) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken) =>
            transport.SendAsync(request, ClientProfile.Default, cancellationToken);
    }
}
