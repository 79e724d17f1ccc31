using Mesh.Client.Discovery;
using Mesh.Client.Tests.Support;
using Mesh.Policy;
using Mesh.Testing;

namespace Mesh.Client.Tests.Pipeline;

public sealed class FirstAnswerTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public async Task Send_EndpointsComeInTime_TheCallGoesOn()
    {
        using var mesh = new TestMesh(_time);
        var sending = mesh.Invoker().SendAsync(TestMesh.Get(), default);
        Assert.False(sending.IsCompleted);

        mesh.WithEndpoints(1);

        using var response = await sending;
        Assert.Equal(200, (int)response.StatusCode);
    }

    [Fact]
    public async Task Send_PolicyComesAfterTheEndpoints_TheFirstCallRunsOnIt()
    {
        using var mesh = new TestMesh(_time);
        mesh.Upstream.AwaitPolicy();
        mesh.WithEndpoints(1);
        var sending = mesh.Invoker().SendAsync(TestMesh.Get(), default);
        Assert.False(sending.IsCompleted);

        mesh.Upstream.ApplyPolicy(PolicyDefaults.For("orders"), "r7");
        Assert.False(sending.IsCompleted);
        mesh.Upstream.SettlePolicy();

        using var response = await sending;
        Assert.Equal(200, (int)response.StatusCode);
        Assert.Equal("r7", mesh.Upstream.Runtime!.PolicyRevision);
    }

    [Fact]
    public async Task Send_PolicyNeverComes_WaitsOnceThenRunsOnWhatIsInForce()
    {
        using var mesh = new TestMesh(_time);
        mesh.Upstream.AwaitPolicy();
        mesh.WithEndpoints(1);
        var sending = mesh.Invoker().SendAsync(TestMesh.Get(), default);
        _time.Advance(mesh.Options.Discovery.FirstAnswerTimeout);

        using var first = await sending;
        using var second = await mesh.Invoker().SendAsync(TestMesh.Get(), default);

        Assert.Equal((200, 200), ((int)first.StatusCode, (int)second.StatusCode));
        Assert.Equal("default", mesh.Upstream.Runtime!.PolicyRevision);
    }

    [Fact]
    public async Task Send_NobodyAnswers_WaitsOnceThenPassesThrough()
    {
        using var mesh = new TestMesh(_time);
        var own = new OwnHandler();
        var sending = mesh.Invoker(inner: own).SendAsync(TestMesh.Get(), default);
        _time.Advance(mesh.Options.Discovery.FirstAnswerTimeout);
        using var first = await sending;

        using var second = await mesh.Invoker(inner: own).SendAsync(TestMesh.Get(), default);

        Assert.Equal(2, own.Requests);
        mesh.WithEndpoints(1);
        using var third = await mesh.Invoker(inner: own).SendAsync(TestMesh.Get(), default);
        Assert.Equal(2, own.Requests);
    }

    [Theory]
    [InlineData(true, UnknownServices.PassThrough)]
    [InlineData(false, UnknownServices.Fail)]
    public async Task Send_UnknownButDeclaredOrFailing_Fails(bool declared, UnknownServices rule)
    {
        using var mesh = new TestMesh(_time, configure: options =>
        {
            options.UnknownServices = rule;
            if (declared)
            {
                options.Upstreams["orders"] = new MeshUpstreamOptions();
            }
        });
        mesh.Upstream.ApplyEndpoints(new EndpointSnapshot([], EndpointSource.Consul, Known: false));

        var exception = await Assert.ThrowsAsync<MeshException>(() => mesh.Invoker().SendAsync(TestMesh.Get(), default));

        Assert.Equal(MeshFailureReason.UnknownService, exception.Reason);
    }

    [Fact]
    public async Task Send_UnknownService_PassesThroughSynchronouslyToo()
    {
        using var mesh = new TestMesh(_time);
        mesh.Upstream.ApplyEndpoints(new EndpointSnapshot([], EndpointSource.Consul, Known: false));
        var own = new OwnHandler();

        using var sync = mesh.Invoker(inner: own).Send(TestMesh.Get(), default);
        using var async = await mesh.Invoker(inner: own).SendAsync(TestMesh.Get(), default);

        Assert.Equal(2, own.Requests);
    }

    [Fact]
    public async Task Send_NotAMeshName_IsTheClientsOwn()
    {
        using var mesh = new TestMesh(_time);
        var own = new OwnHandler();
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://example.com/");

        using var response = await mesh.Invoker(inner: own).SendAsync(request, default);

        Assert.Equal(1, own.Requests);
    }

    [Fact]
    public async Task Send_CallerGivesUpWhileWaiting_IsCancelled()
    {
        using var mesh = new TestMesh(_time);
        using var caller = new CancellationTokenSource();
        var sending = mesh.Invoker().SendAsync(TestMesh.Get(), caller.Token);

        caller.Cancel();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
    }

    [Fact]
    public async Task Send_AllEndpointsInMaintenance_FailsWithNoEndpoints()
    {
        using var mesh = new TestMesh().WithEndpoints(
            TestMesh.Endpoint("a", 1) with { Health = EndpointHealth.Maintenance });

        var exception = await Assert.ThrowsAsync<MeshException>(() => mesh.Invoker().SendAsync(TestMesh.Get(), default));

        Assert.Equal(MeshFailureReason.NoEndpoints, exception.Reason);
    }

    private sealed class OwnHandler : HttpMessageHandler
    {
        public int Requests { get; private set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken token) =>
            Task.FromResult(Send(request, token));

        protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken token)
        {
            Requests++;
            return new HttpResponseMessage();
        }
    }
}
