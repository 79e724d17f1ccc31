using System.Net;
using System.Text;
using Mesh.Client.Attempts;
using Mesh.Client.Tests.Support;

namespace Mesh.Client.Tests.Pipeline;

public sealed class LeaseTests : IDisposable
{
    private readonly TestMesh _mesh = new TestMesh().WithEndpoints(1);

    private MeshEndpoint Endpoint => _mesh.EndpointOf("a");

    public void Dispose() => _mesh.Dispose();

    [Fact]
    public async Task Body_ReadToItsEnd_EndsTheLease()
    {
        Answer(new StreamContent(new MemoryStream(new byte[10])));
        using var response = await _mesh.Invoker().SendAsync(TestMesh.Get(), default);
        await using var body = await response.Content.ReadAsStreamAsync();
        Assert.Equal(1, Endpoint.InFlight);

        Assert.Equal(10, await body.ReadAsync(new byte[20]));
        Assert.Equal(1, Endpoint.InFlight);
        Assert.Equal(0, await body.ReadAsync(new byte[20]));

        Assert.Equal(0, Endpoint.InFlight);
    }

    [Fact]
    public async Task Body_NeverRead_LeaseEndsWhenTheResponseIsDisposed()
    {
        Answer(new StreamContent(new MemoryStream(new byte[10])));
        var response = await _mesh.Invoker().SendAsync(TestMesh.Get(), default);
        Assert.Equal(1, Endpoint.InFlight);

        response.Dispose();
        response.Dispose();

        Assert.Equal(0, Endpoint.InFlight);
    }

    [Fact]
    public void Body_OfADroppedResponse_LeaseEndsWhenItIsCollected()
    {
        Answer(new StreamContent(new MemoryStream(new byte[10])));
        Drop();
        Assert.Equal(1, Endpoint.InFlight);

        for (var i = 0; i < 10 && Endpoint.InFlight > 0; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.Equal(0, Endpoint.InFlight);

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        void Drop() => _ = _mesh.Invoker().Send(TestMesh.Get(), default).StatusCode;
    }

    [Fact]
    public async Task Body_BufferedByHttpClient_EndsTheLeaseAndKeepsHeaders()
    {
        Answer(new StringContent("hello", Encoding.UTF8, "text/x-test"));
        using var client = _mesh.HttpClient();

        using var response = await client.GetAsync("/");

        Assert.Equal(0, Endpoint.InFlight);
        Assert.Equal("text/x-test", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal(5, response.Content.Headers.ContentLength);
        Assert.Equal("hello", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public void Body_ReadSynchronously_EndsTheLease()
    {
        Answer(new StreamContent(new MemoryStream(new byte[10])));
        using var client = _mesh.HttpClient();

        using var response = client.Send(TestMesh.Get(), HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(1, Endpoint.InFlight);
        using var body = response.Content.ReadAsStream();
        body.CopyTo(Stream.Null);

        Assert.Equal(0, Endpoint.InFlight);
    }

    [Theory]
    [InlineData("GET", 204)]
    [InlineData("GET", 304)]
    [InlineData("HEAD", 200)]
    public async Task Answer_WithoutBody_EndsTheLeaseAtOnceAndIsNotWrapped(string method, int status)
    {
        var content = new StreamContent(new MemoryStream());
        _mesh.Stubs.Then((_, _) => Task.FromResult(new HttpResponseMessage((HttpStatusCode)status) { Content = content }));

        var response = await _mesh.Invoker().SendAsync(new HttpRequestMessage(new(method), "http://orders/"), default);

        Assert.Equal(0, Endpoint.InFlight);
        Assert.Same(content, response.Content);
    }

    [Fact]
    public async Task Body_Breaks_TheEndpointIsBlamedAndTheLeaseEnds()
    {
        _mesh.WithPolicy(edit: policy => policy with { Outlier = policy.Outlier with { Consecutive = 1 } })
            .WithEndpoints(2);
        _mesh.Stubs.Always((_, _, _) => Task.FromResult(
            new HttpResponseMessage { Content = new StreamContent(new BrokenStream()) }));
        using var response = await _mesh.Invoker().SendAsync(TestMesh.Get(), default);
        await using var body = await response.Content.ReadAsStreamAsync();
        var used = _mesh.Upstream.Endpoints.Single(e => e.InFlight == 1);

        await Assert.ThrowsAsync<IOException>(() => body.ReadAsync(new byte[1]).AsTask());

        Assert.Equal(0, used.InFlight);
        Assert.Equal(Client.Pipeline.EndpointState.Ejected, used.State);
    }

    [Fact]
    public async Task Body_PausesLongerThanIdle_FailsAndEndsTheLease()
    {
        var time = new Mesh.Testing.ManualTimeProvider();
        using var mesh = new TestMesh(time).WithEndpoints(1)
            .WithPolicy(timeout: rule => rule with { Idle = TimeSpan.FromSeconds(2) });
        mesh.Stubs.Always((_, _, _) => Task.FromResult(
            new HttpResponseMessage { Content = new StreamContent(new SilentStream()) }));
        using var response = await mesh.Invoker().SendAsync(TestMesh.Get(), default);
        await using var body = await response.Content.ReadAsStreamAsync();
        var reading = body.ReadAsync(new byte[1]).AsTask();

        time.Advance(TimeSpan.FromSeconds(2));

        var exception = await Assert.ThrowsAsync<IOException>(() => reading);
        Assert.IsType<TimeoutException>(exception.InnerException);
        Assert.Equal(0, mesh.EndpointOf("a").InFlight);
    }

    private void Answer(HttpContent content) =>
        _mesh.Stubs.Then((_, _) => Task.FromResult(new HttpResponseMessage { Content = content }));

    private sealed class BrokenStream : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            ValueTask.FromException<int>(new IOException("broken"));
    }

    private sealed class SilentStream : MemoryStream
    {
        public override async ValueTask<int> ReadAsync(
            Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
            return 0;
        }
    }
}
