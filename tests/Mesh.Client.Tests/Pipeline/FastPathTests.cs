using System.Net;
using Mesh.Client.Tests.Support;

namespace Mesh.Client.Tests.Pipeline;

/// <summary>What a call costs in bytes, exactly: the gates of the performance budget.</summary>
[Collection(nameof(AllocationTests))]
public sealed class FastPathTests
{
    private const int Calls = 2000;

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Send_TransportAnswersAtOnceWithoutBody_AddsNoByte(int endpoints)
    {
        using var mesh = new TestMesh().WithEndpoints(endpoints);
        mesh.Stubs.Records = false;
        var answer = Task.FromResult(new HttpResponseMessage(HttpStatusCode.NoContent));
        mesh.Stubs.Always((_, _, _) => answer);
        using var invoker = mesh.Invoker();

        Assert.Equal(0, BytesPerCall(invoker));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Send_ToMembers_NamingTheCallerAddsNoByte(bool withHeaders)
    {
        using var mesh = new TestMesh().WithEndpoints(3, members: true);
        mesh.Stubs.Records = false;
        var answer = Task.FromResult(new HttpResponseMessage(HttpStatusCode.NoContent));
        mesh.Stubs.Always((_, request, _) =>
            request.Headers.NonValidated.Contains(MeshHeaders.Caller) ? answer : throw new InvalidOperationException());
        using var invoker = mesh.Invoker();
        using var request = TestMesh.Get();
        if (withHeaders)
        {
            request.Headers.Add("x-own", "1");
        }

        Assert.Equal(0, BytesPerCall(invoker, request));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Send_OverMutualTls_AddsNoByteEither(bool withBody)
    {
        using var mesh = new TestMesh().WithEndpoints(SecureMesh.Endpoint("a", 1), SecureMesh.Endpoint("b", 2));
        (mesh.Stubs.Records, mesh.Stubs.Secure) = (false, true);
        var answer = Task.FromResult(new HttpResponseMessage(HttpStatusCode.NoContent));
        mesh.Stubs.Always(
            (_, request, _) => request.Version.Major == 2 ? answer : throw new InvalidOperationException());
        using var invoker = mesh.Invoker();
        using var request = withBody ? TestMesh.Post(new ByteArrayContent(new byte[100])) : TestMesh.Get();

        Assert.Equal(0, BytesPerCall(invoker, request));
        Assert.Equal(HttpVersion.Version11, request.Version);
    }

    [Fact]
    public void Send_CancellableCallerAndTotalDeadline_AddsNoByteEither()
    {
        using var mesh = new TestMesh().WithEndpoints(3)
            .WithPolicy(timeout: rule => rule with { Total = TimeSpan.FromSeconds(3) });
        mesh.Stubs.Records = false;
        var answer = Task.FromResult(new HttpResponseMessage());
        mesh.Stubs.Always((_, _, _) => answer);
        using var invoker = mesh.Invoker();
        using var caller = new CancellationTokenSource();

        Assert.Equal(0, BytesPerCall(invoker, caller.Token));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Send_TransportSuspends_AddsAtMost200Bytes(int endpoints)
    {
        using var mesh = new TestMesh().WithEndpoints(endpoints);
        using var direct = new HttpMessageInvoker(new SuspendingHandler());
        var handler = new SuspendingHandler();
        using var inner = new HttpMessageInvoker(handler);
        mesh.Stubs.Records = false;
        mesh.Stubs.Always((_, request, token) => inner.SendAsync(request, token));
        using var invoker = mesh.Invoker();
        using var caller = new CancellationTokenSource();

        var added = BytesPerCall(invoker, caller.Token) - BytesPerCall(direct, caller.Token);

        Assert.InRange(added, 0, 200);
    }

    [Fact]
    public void Send_TransportSuspendsWithBody_AddsAtMost350BytesMore()
    {
        using var mesh = new TestMesh().WithEndpoints(3);
        using var direct = new HttpMessageInvoker(new SuspendingHandler { WithBody = true });
        using var inner = new HttpMessageInvoker(new SuspendingHandler { WithBody = true });
        mesh.Stubs.Records = false;
        mesh.Stubs.Always((_, request, token) => inner.SendAsync(request, token));
        using var invoker = mesh.Invoker();

        var added = BytesPerCall(invoker, readBody: true) - BytesPerCall(direct, readBody: true);

        Assert.InRange(added, 0, 550);
        Assert.All(mesh.Upstream.Endpoints, endpoint => Assert.Equal(0, endpoint.InFlight));
    }

    /// <summary>
    /// The least of several rounds: now and then the runtime allocates on a thread for itself, and only ever more.
    /// The suspending handlers resume inline on the measuring thread.
    /// </summary>
    private static long BytesPerCall(
        HttpMessageInvoker invoker, CancellationToken token = default, bool readBody = false)
    {
        using var request = TestMesh.Get();
        return BytesPerCall(invoker, request, token, readBody);
    }

    private static long BytesPerCall(
        HttpMessageInvoker invoker, HttpRequestMessage request, CancellationToken token = default,
        bool readBody = false)
    {
        var least = long.MaxValue;
        for (var round = 0; round < 7; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < Calls; i++)
            {
                var sending = invoker.SendAsync(request, token);
                SuspendingHandler.Resume();
                var response = sending.GetAwaiter().GetResult();
                if (readBody)
                {
                    response.Content.CopyTo(Stream.Null, null, default);
                    response.Dispose();
                }
            }

            least = Math.Min(least, (GC.GetAllocatedBytesForCurrentThread() - before) / Calls);
        }

        return least;
    }

    private sealed class SuspendingHandler : HttpMessageHandler
    {
        private static readonly byte[] Body = new byte[100];

        [ThreadStatic]
        private static TaskCompletionSource? _waiting;

        public bool WithBody { get; init; }

        public static void Resume()
        {
            var waiting = _waiting;
            _waiting = null;
            waiting?.SetResult();
        }

        protected override async Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken token)
        {
            _waiting = new TaskCompletionSource();
            await _waiting.Task;
            return WithBody
                ? new HttpResponseMessage { Content = new ByteArrayContent(Body) }
                : new HttpResponseMessage(HttpStatusCode.NoContent);
        }
    }
}
