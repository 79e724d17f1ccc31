using System.Net;
using System.Net.WebSockets;
using Mesh.Client.Pipeline;
using Mesh.Client.Tests.Grpc;
using Mesh.Client.Tests.Support;
using Mesh.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Tests.Transport;

/// <summary>Calls to members over mutual TLS, on real sockets.</summary>
public sealed class MutualTlsTests : IAsyncLifetime
{
    private readonly SecureMesh _mesh = new SecureMesh().WithIdentity();
    private MeshMember _member = null!;

    public async Task InitializeAsync() => _member = await MeshMember.StartAsync(_mesh.Authority.Issue("orders"));

    public async Task DisposeAsync()
    {
        _mesh.Dispose();
        await _member.DisposeAsync();
    }

    [Fact]
    public async Task Get_MemberWithTls_IsMutualTlsOverHttp2UnderTheLogicalName()
    {
        _mesh.With(SecureMesh.Endpoint("a", _member.Port));
        using var client = _mesh.Mesh.HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://orders/x");

        using var response = await client.SendAsync(request);

        Assert.Equal("ok", await response.Content.ReadAsStringAsync());
        Assert.Equal(HttpVersion.Version20, response.Version);
        Assert.Equal("HTTP/2 http orders", Assert.Single(_member.Requests));
        Assert.Equal("orders", Assert.Single(_member.Names));
        Assert.Equal(_mesh.Identity.Current!.Certificate.TargetCertificate.Thumbprint, Assert.Single(_member.Callers));
        Assert.Equal(HttpVersion.Version11, request.Version);
        Assert.Equal(HttpVersionPolicy.RequestVersionOrLower, request.VersionPolicy);
        Assert.Equal("http://orders/x", request.RequestUri!.OriginalString);
    }

    [Fact]
    public async Task Get_MemberWithoutAlpn_IsServedAllTheSame()
    {
        _member.Protocols = null;
        _mesh.With(SecureMesh.Endpoint("a", _member.Port, protocols: "http1"));
        using var client = _mesh.Mesh.HttpClient();

        Assert.Equal("ok", await client.GetStringAsync("/"));
        Assert.StartsWith("HTTP/1.1 ", Assert.Single(_member.Requests), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_HttpsName_IsMutualTlsToo()
    {
        _mesh.With(SecureMesh.Endpoint("a", _member.Port));
        using var client = _mesh.Mesh.HttpClient();

        Assert.Equal("ok", await client.GetStringAsync("https://orders/"));
        Assert.Equal("HTTP/2 https orders", Assert.Single(_member.Requests));
        Assert.Single(_member.Callers);
    }

    [Fact]
    public void Send_Blocking_IsServed()
    {
        _mesh.With(SecureMesh.Endpoint("a", _member.Port));
        using var client = _mesh.Mesh.HttpClient();
        using var request = TestMesh.Get();

        using var response = client.Send(request);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.StartsWith("HTTP/1.1 ", Assert.Single(_member.Requests), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_ConnectionHeader_IsServed()
    {
        _mesh.With(SecureMesh.Endpoint("a", _member.Port));
        using var client = _mesh.Mesh.HttpClient();
        client.DefaultRequestHeaders.ConnectionClose = true;

        Assert.Equal("ok", await client.GetStringAsync("/"));
    }

    [Fact]
    public async Task WebSocket_OverMutualTls_EchoesBothWays()
    {
        _member.Answer = async context =>
        {
            using var accepted = await context.WebSockets.AcceptWebSocketAsync();
            var buffer = new byte[16];
            var got = await accepted.ReceiveAsync(buffer, CancellationToken.None);
            await accepted.SendAsync(
                buffer.AsMemory(0, got.Count), WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None);
        };
        _mesh.With(SecureMesh.Endpoint("a", _member.Port));
        using var invoker = _mesh.Mesh.Invoker();
        using var socket = new ClientWebSocket();

        await socket.ConnectAsync(new Uri("ws://orders/chat"), invoker, CancellationToken.None);
        await socket.SendAsync(
            "hello"u8.ToArray(), WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None);
        var answer = new byte[16];
        var received = await socket.ReceiveAsync(answer, CancellationToken.None);

        Assert.Equal("hello"u8.ToArray(), answer[..received.Count]);
        Assert.Single(_member.Callers);
    }

    [Fact]
    public async Task Grpc_EndpointRegisteredHttp1Only_IsHttp2AllTheSame()
    {
        _member.Answer = async context =>
        {
            await context.Request.Body.CopyToAsync(Stream.Null);
            context.Response.ContentType = "application/grpc";
            context.Response.AppendTrailer("grpc-status", "0");
        };
        _mesh.With(SecureMesh.Endpoint("a", _member.Port, protocols: "http1"));
        using var invoker = _mesh.Mesh.Invoker();
        using var request = GrpcWire.Request("Say", GrpcWire.Messages([1, 2, 3]));

        using var response = await invoker.SendAsync(request, CancellationToken.None);

        await response.Content.CopyToAsync(Stream.Null);
        Assert.Equal("0", response.TrailingHeaders.GetValues("grpc-status").Single());
        Assert.StartsWith("HTTP/2 ", Assert.Single(_member.Requests), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(64 * 1024, "HTTP/2")]
    [InlineData((64 * 1024) + 1, "HTTP/1.1")]
    [InlineData(-1, "HTTP/1.1")]
    public async Task Post_BigOrUnknownBody_GoesOverAConnectionOfItsOwn(int bytes, string protocol)
    {
        _mesh.With(SecureMesh.Endpoint("a", _member.Port));
        using var client = _mesh.Mesh.HttpClient();
        using HttpContent content = bytes < 0
            ? new StreamContent(new Unseekable())
            : new ByteArrayContent(new byte[bytes]);

        using var response = await client.PostAsync("/", content);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.StartsWith(protocol + " ", Assert.Single(_member.Requests), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Post_WhileUploadsStall_IsNotDelayed()
    {
        var stalled = new TaskCompletionSource();
        _member.Answer = async context =>
        {
            if (context.Request.Path == "/stall")
            {
                await stalled.Task;
            }

            await context.Request.Body.CopyToAsync(Stream.Null);
        };
        _mesh.With(SecureMesh.Endpoint("a", _member.Port));
        using var client = _mesh.Mesh.HttpClient();
        client.Timeout = TimeSpan.FromSeconds(30);

        // More than any window of a shared connection holds.
        var uploads = Enumerable.Range(0, 4)
            .Select(_ => client.PostAsync("/stall", new ByteArrayContent(new byte[4 * 1024 * 1024]))).ToArray();
        await Eventually.TrueAsync(() => _member.Requests.Count == uploads.Length);
        var small = await client.PostAsync("/small", new StringContent("x")).WaitAsync(TimeSpan.FromSeconds(10));

        Assert.Equal(HttpStatusCode.OK, small.StatusCode);
        Assert.All(uploads, upload => Assert.False(upload.IsCompleted));
        stalled.SetResult();
        Assert.All(await Task.WhenAll(uploads), answer => Assert.Equal(HttpStatusCode.OK, answer.StatusCode));
    }

    [Theory]
    [InlineData("billing", null, MeshReasons.WrongPeer)]
    [InlineData("orders", "other.test", MeshReasons.PeerUnknownTrustDomain)]
    [InlineData("orders", "mesh.test", MeshReasons.PeerUntrusted)]
    public async Task Get_PeerIsSomebodyElse_GoesToAnotherEndpointAndSuspectsThisOne(
        string service, string? domain, string reason)
    {
        using var logs = new LogCollector();
        using var loggers = LoggerFactory.Create(log => log.AddProvider(logs));
        using var other = domain is null ? null : new TestAuthority(domain);
        using var mesh = new SecureMesh(loggers: loggers);
        await using var wrong = await MeshMember.StartAsync((other ?? mesh.Authority).Issue(service));
        await using var right = await MeshMember.StartAsync(mesh.Authority.Issue("orders"));
        mesh.WithIdentity().With(SecureMesh.Endpoint("a", wrong.Port), SecureMesh.Endpoint("b", right.Port));
        mesh.Mesh.Meters.Listen();
        using var client = mesh.Mesh.HttpClient();

        // A POST: only what was provably not sent is tried again.
        for (var i = 0; i < 6; i++)
        {
            using var response = await client.PostAsync("/", new StringContent("x"));
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        Assert.Empty(wrong.Requests);
        Assert.Equal(6, right.Requests.Count);
        var endpoint = mesh.Mesh.EndpointOf("a");
        Assert.Equal((EndpointState.Suspect, MeshReasons.UnprovenPeer), (endpoint.State, endpoint.SuspectReason));
        Assert.Contains(logs.Of(3012), line => line.Contains(reason, StringComparison.Ordinal));
        Assert.NotEqual(
            0, mesh.Mesh.Meters.Count(MeshTelemetry.ConnectionsNotSecured, (MeshTelemetry.ReasonTag, reason)));
    }

    [Fact]
    public async Task Get_OnlyEndpointIsSomebodyElse_FailsWithTheReasonAndSendsNothing()
    {
        _member.Certificate = _mesh.Authority.Issue("billing");
        _mesh.With(SecureMesh.Endpoint("a", _member.Port));
        using var client = _mesh.Mesh.HttpClient();

        var failure = await Assert.ThrowsAsync<MeshException>(() => client.GetStringAsync("/"));

        Assert.Equal(MeshFailureReason.UnprovenPeer, failure.Reason);
        Assert.Contains("svc/billing", failure.Message, StringComparison.Ordinal);
        Assert.Contains("svc/orders", failure.Message, StringComparison.Ordinal);
        Assert.Empty(_member.Requests);
    }

    [Fact]
    public async Task Get_EndpointOfAnotherDatacenter_IsHeldToItsOwn()
    {
        _member.Certificate = _mesh.Authority.Issue("orders", "dc2");
        _mesh.With(SecureMesh.Endpoint("a", _member.Port) with { Datacenter = "dc2" });
        using var client = _mesh.Mesh.HttpClient();

        Assert.Equal("ok", await client.GetStringAsync("/"));
    }

    private sealed class Unseekable() : MemoryStream("some"u8.ToArray())
    {
        public override bool CanSeek => false;
    }
}
