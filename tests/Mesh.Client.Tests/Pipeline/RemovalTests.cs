using System.Collections.Concurrent;
using System.Net;
using Mesh.Client.Pipeline;
using Mesh.Client.Tests.Support;
using Mesh.Client.Transport;
using Mesh.Testing;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Mesh.Client.Tests.Pipeline;

/// <summary>An endpoint leaves while attempts run on it.</summary>
public sealed class RemovalTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task Post_EndpointLeavesWhileItConnects_IsAnswered(string version)
    {
        await using var backend = await HttpBackend.StartAsync(new HttpBackendOptions
        {
            Protocols = version == "2.0" ? HttpProtocols.Http2 : HttpProtocols.Http1,
        });
        using var transports = new GatedTransports();
        using var mesh = new TestMesh(transports: transports).WithEndpoints(TestMesh.Endpoint("a", backend.Port));
        using var invoker = mesh.Invoker();
        using var request = TestMesh.Post(new StreamContent(new MemoryStream([1, 2, 3])));
        (request.Version, request.VersionPolicy) = (Version.Parse(version), HttpVersionPolicy.RequestVersionExact);

        var sending = invoker.SendAsync(request, CancellationToken.None);
        Assert.True(await transports.Connecting.WaitAsync(Patience));
        mesh.WithEndpoints(TestMesh.Endpoint("b", backend.Port));
        transports.LetConnect.Set();

        using var response = await sending.WaitAsync(Patience);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public void Remove_WithAttemptsInFlight_EndsTheTransportWithTheLastOfThem()
    {
        using var mesh = new UpstreamFixture().With("a");
        var endpoint = mesh["a"];
        endpoint.Begin();
        endpoint.Begin();
        var transport = (StubTransports.StubTransport)endpoint.Transport;

        mesh.With("b");
        endpoint.End();
        Assert.Equal(0, transport.Disposals);

        // Picked before the removal, begun after it: refused, and no reason to keep the transport longer.
        endpoint.Begin();
        Assert.Throws<ObjectDisposedException>(() => endpoint.Transport);
        endpoint.End();
        Assert.Equal(0, transport.Disposals);

        endpoint.End();
        Assert.Equal(1, transport.Disposals);
    }

    [Fact]
    public void Remove_WithNothingInFlight_EndsTheTransportAtOnce()
    {
        using var mesh = new UpstreamFixture().With("a");
        var transport = (StubTransports.StubTransport)mesh["a"].Transport;

        mesh.With("b");

        Assert.Equal(1, transport.Disposals);
    }

    [Fact]
    public void Drain_WithAttemptsInFlight_LeavesTheirConnectionsToThem_AndNewAttemptsGetTheirOwn()
    {
        using var mesh = new UpstreamFixture().With("a");
        var endpoint = mesh["a"];
        endpoint.Begin();
        endpoint.Begin();
        var before = (StubTransports.StubTransport)endpoint.Transport;

        endpoint.BeginDrain();
        endpoint.End();
        var after = (StubTransports.StubTransport)endpoint.Transport;
        Assert.NotSame(before, after);
        Assert.Equal(0, before.Disposals);

        // Said again with every answer.
        endpoint.BeginDrain();
        endpoint.End();
        Assert.Equal((1, 0), (before.Disposals, after.Disposals));
        Assert.Same(after, endpoint.Transport);

        mesh.With("b");
        Assert.Equal((1, 1), (before.Disposals, after.Disposals));
    }

    [Fact]
    public void Remove_OfADrainingEndpoint_EndsBothTransportsWithTheLastAttempt()
    {
        using var mesh = new UpstreamFixture().With("a");
        var endpoint = mesh["a"];
        endpoint.Begin();
        var before = (StubTransports.StubTransport)endpoint.Transport;
        endpoint.BeginDrain();
        var after = (StubTransports.StubTransport)endpoint.Transport;

        mesh.With("b");
        Assert.Equal((0, 0), (before.Disposals, after.Disposals));

        endpoint.End();
        Assert.Equal((1, 1), (before.Disposals, after.Disposals));
    }

    /// <summary>Without the registry's word: the header alone keeps a POST off connections about to be closed.</summary>
    [Fact]
    public async Task Drain_IdleConnections_AreClosedFromThisSide_AndNeverUsedAgain()
    {
        await using var backend = await HttpBackend.StartAsync(new HttpBackendOptions());
        using var mesh = SocketMesh.To(backend.Port).WithEndpoints(TestMesh.Endpoint("a", backend.Port, member: true));
        using var client = mesh.HttpClient();
        var connections = new ConcurrentDictionary<string, bool>();
        using var arrived = new CountdownEvent(3);
        var release = new TaskCompletionSource();
        backend.Respond(async context =>
        {
            connections[context.Connection.Id] = true;
            if (context.Request.Path == "/wait")
            {
                arrived.Signal();
                await release.Task;
            }

            context.Response.Headers[MeshHeaders.Draining] = context.Request.Path == "/drain" ? "1" : default;
        });
        var waiting = Enumerable.Range(0, 3).Select(_ => client.GetAsync("/wait")).ToList();
        Assert.True(await Task.Run(() => arrived.Wait(Patience)));
        release.SetResult();
        (await Task.WhenAll(waiting)).ToList().ForEach(response => response.Dispose());
        Assert.Equal(3, connections.Count);

        (await client.GetAsync("/drain")).Dispose();
        (await client.PostAsync("/", new ByteArrayContent([1]))).Dispose();

        Assert.Equal(4, connections.Count);
    }

    /// <summary>Real transports, whose connecting waits until the test lets it go on.</summary>
    private sealed class GatedTransports : ITransportFactory, IDisposable
    {
        public SemaphoreSlim Connecting { get; } = new(0);

        public ManualResetEventSlim LetConnect { get; } = new();

        public EndpointTransport Create(Upstream upstream, MeshEndpoint endpoint)
        {
            var deadlines = new ConnectDeadlines(Patience, Patience);
            var dialer = new EndpointDialer(() => Target(endpoint), () => deadlines, trust: null, TimeProvider.System);
            return new SocketsEndpointTransport(dialer, new SeededRandom(1), propagator: null, meters: null);
        }

        public void Dispose()
        {
            LetConnect.Set();
            Connecting.Dispose();
            LetConnect.Dispose();
        }

        private (string Host, int Port) Target(MeshEndpoint endpoint)
        {
            Connecting.Release();
            LetConnect.Wait(Patience);
            return (endpoint.Host, endpoint.Port);
        }
    }
}
