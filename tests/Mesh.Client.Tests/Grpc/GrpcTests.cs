using System.Net;
using Mesh.Client.Tests.Support;

namespace Mesh.Client.Tests.Grpc;

/// <summary>gRPC through the mesh to a server that is not ours.</summary>
public sealed class GrpcTests(GrpcServerFixture servers) : IClassFixture<GrpcServerFixture>
{
    [NodeFact]
    public async Task Unary_Answers_AndTheLeaseEndsWithTheTrailers()
    {
        using var mesh = SocketMesh.To(servers.First, servers.Second);
        using var response = await Send(mesh, GrpcWire.Request("Unary", GrpcWire.Messages([1, 2, 3])));

        Assert.Equal(1, mesh.Upstream.Endpoints.Sum(e => e.InFlight));
        Assert.Equal([[1, 2, 3]], await GrpcWire.ReadAllAsync(response));
        Assert.Equal(0, GrpcWire.Status(response));
        Assert.Equal(0, mesh.Upstream.Endpoints.Sum(e => e.InFlight));
    }

    [NodeFact]
    public async Task ServerStreaming_EveryMessageComes()
    {
        using var mesh = SocketMesh.To(servers.First);
        using var response = await Send(mesh, GrpcWire.Request("Split", GrpcWire.Messages([7, 8, 9])));

        Assert.Equal([[7], [8], [9]], await GrpcWire.ReadAllAsync(response));
        Assert.Equal(0, GrpcWire.Status(response));
    }

    [NodeFact]
    public async Task ClientStreaming_EveryMessageArrives()
    {
        using var mesh = SocketMesh.To(servers.First);
        using var response = await Send(mesh, GrpcWire.Request("Join", GrpcWire.Messages([1], [2, 3], [4])));

        Assert.Equal([[1, 2, 3, 4]], await GrpcWire.ReadAllAsync(response));
    }

    [NodeFact]
    public async Task DuplexStreaming_TalksInTurns_AndHoldsTheLeaseToTheEnd()
    {
        using var mesh = SocketMesh.To(servers.First);
        var talk = new GrpcWire.Conversation();
        var sending = Send(mesh, GrpcWire.Request("Chat", talk, ("grpc-timeout", "30S")));
        talk.Say([1]);
        using var response = await sending;
        await using var body = await response.Content.ReadAsStreamAsync();

        for (byte i = 1; i < 10; i++)
        {
            Assert.Equal([i], (await GrpcWire.ReadAsync(body))!);
            Assert.Equal(1, mesh.EndpointOf("a").InFlight);
            talk.Say([(byte)(i + 1)]);
        }

        talk.Finish();
        Assert.Equal([10], (await GrpcWire.ReadAsync(body))!);
        Assert.Null(await GrpcWire.ReadAsync(body));
        Assert.Equal(0, GrpcWire.Status(response));
        Assert.Equal(0, mesh.EndpointOf("a").InFlight);
    }

    [NodeFact]
    public async Task Duplex_CallerDisposesTheAnswer_EndsTheLeaseAndTheNextCallIsUntouched()
    {
        using var mesh = SocketMesh.To(servers.First);
        using var caller = new CancellationTokenSource();
        var talk = new GrpcWire.Conversation();
        var sending = mesh.Invoker().SendAsync(GrpcWire.Request("Chat", talk, ("grpc-timeout", "30S")), caller.Token);
        talk.Say([1]);
        using (var response = await sending)
        {
            await using var body = await response.Content.ReadAsStreamAsync();
            Assert.Equal([1], (await GrpcWire.ReadAsync(body))!);
        }

        Assert.Equal(0, mesh.EndpointOf("a").InFlight);
        caller.Cancel();
        using var next = await Send(mesh, GrpcWire.Request("Unary", GrpcWire.Messages([2])));
        Assert.Equal([[2]], await GrpcWire.ReadAllAsync(next));
    }

    [NodeTheory]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(14)]
    [InlineData(16)]
    public async Task Status_TrailersOnly_IsHandedOverAsItIs(int status)
    {
        using var mesh = SocketMesh.To(servers.First, servers.Second);
        using var response = await Send(
            mesh, GrpcWire.Request("Unary", GrpcWire.Messages([1]), ("x-status", $"{status}"), ("x-call", NewId())));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.True(response.Headers.Contains("grpc-status"), "The server did not answer trailers-only.");
        Assert.Equal(0, mesh.Upstream.Endpoints.Sum(e => e.InFlight));
        Assert.Equal(status, GrpcWire.Status(response));
        Assert.Equal("as asked: ä", Uri.UnescapeDataString(response.Headers.GetValues("grpc-message").Single()));
    }

    [NodeFact]
    public async Task Unavailable_TrailersOnly_IsRetriedForCallsMarkedIdempotent()
    {
        using var mesh = SocketMesh.To(servers.First);
        using var request = GrpcWire.Request(
            "Unary", GrpcWire.Messages([1]),
            ("x-status", "14"), ("x-fail-first", "1"), ("x-call", NewId()), ("grpc-timeout", "20S"));
        request.Options.Set(MeshRequestOptions.Idempotent, true);

        using var response = await Send(mesh, request);

        Assert.Equal([[1]], await GrpcWire.ReadAllAsync(response));
        Assert.Equal("1", response.Headers.GetValues("x-previous").Single());
        Assert.InRange(int.Parse(response.Headers.GetValues("x-left").Single()), 1, 20_000);
        Assert.Equal("20S", request.Headers.GetValues("grpc-timeout").Single());
        Assert.False(request.Headers.Contains("grpc-previous-rpc-attempts"));
    }

    [NodeTheory]
    [InlineData("5", 0)]
    [InlineData("-1", 14)]
    [InlineData("soon", 14)]
    public async Task Pushback_DecidesWhetherTheServerIsAskedAgain(string pushback, int status)
    {
        using var mesh = SocketMesh.To(servers.First);
        using var request = GrpcWire.Request(
            "Unary", GrpcWire.Messages([1]),
            ("x-status", "14"), ("x-fail-first", "1"), ("x-call", NewId()), ("x-pushback", pushback));
        request.Options.Set(MeshRequestOptions.Idempotent, true);

        using var response = await Send(mesh, request);
        await GrpcWire.ReadAllAsync(response);

        Assert.Equal(status, GrpcWire.Status(response));
    }

    [NodeFact]
    public async Task Unavailable_InTrailersAfterMessages_IsNotRetried_ButTheEndpointIsBlamed()
    {
        using var mesh = SocketMesh.To(servers.First, servers.Second)
            .WithPolicy(edit: policy => policy with { Outlier = policy.Outlier with { Consecutive = 1 } });
        using var request = GrpcWire.Request(
            "Split", GrpcWire.Messages([1, 2]), ("x-status", "14"), ("x-fail-first", "1"), ("x-call", NewId()));
        request.Options.Set(MeshRequestOptions.Idempotent, true);

        using var response = await Send(mesh, request);

        Assert.Equal([[1], [2]], await GrpcWire.ReadAllAsync(response));
        Assert.Equal(14, GrpcWire.Status(response));
        Assert.Single(mesh.Upstream.Endpoints, e => e.State == Client.Pipeline.EndpointState.Ejected);
    }

    [NodeFact]
    public async Task Deadline_Passes_IsDeadlineExceeded()
    {
        using var mesh = SocketMesh.To(servers.First);
        using var response = await Send(
            mesh, GrpcWire.Request("Unary", GrpcWire.Messages([1]), ("grpc-timeout", "200m"), ("x-delay", "60000")));

        Assert.Equal(4, GrpcWire.Status(response));
    }

    [Fact]
    public async Task NobodyListens_IsUnavailableWithTheMeshsReason()
    {
        using var mesh = SocketMesh.To(1);
        using var response = await Send(mesh, GrpcWire.Request("Unary", GrpcWire.Messages([1])));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("application/grpc", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal(14, GrpcWire.Status(response));
        Assert.Equal("connect_failed", response.Headers.GetValues(MeshHeaders.Reason).Single());
        Assert.Empty(await GrpcWire.ReadAllAsync(response));
    }

    private static string NewId() => Guid.NewGuid().ToString("N");

    private static async Task<HttpResponseMessage> Send(TestMesh mesh, HttpRequestMessage request)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        return await mesh.Invoker().SendAsync(request, limit.Token);
    }
}
