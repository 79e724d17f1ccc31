using System.Net;
using System.Net.Http.Headers;
using Mesh.Client.Pipeline;
using Mesh.Client.Tests.Support;
using Mesh.Testing;

namespace Mesh.Client.Tests.Pipeline;

/// <summary>Answers of members that have more to do than they can.</summary>
public sealed class ShedTests : IDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly TestMesh _mesh;

    public ShedTests() => _mesh = new TestMesh(_time)
        .WithPolicy(rule => rule with { BackoffBase = TimeSpan.Zero })
        .WithEndpoints(2, members: true);

    public void Dispose() => _mesh.Dispose();

    [Theory]
    [InlineData("GET")]
    [InlineData("POST")]
    public async Task Shed_AnotherEndpointIsAsked_WhateverTheMethod(string method)
    {
        Shed();
        using var request = new HttpRequestMessage(new HttpMethod(method), "http://orders/");

        using var response = await _mesh.Invoker().SendAsync(request, default);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(2, _mesh.Stubs.Sent.Select(s => s.Endpoint).Distinct().Count());
    }

    [Fact]
    public async Task ShedGrpcCall_AnotherEndpointIsAsked()
    {
        _mesh.Stubs.Then(200, ("grpc-status", "14"), (MeshHeaders.Reason, MeshReasons.Overloaded));
        using var request = TestMesh.Post(new ByteArrayContent([0, 0, 0, 0, 0]));
        request.Version = HttpVersion.Version20;
        request.Content!.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");

        using var response = await _mesh.Invoker().SendAsync(request, default);

        Assert.Equal(2, _mesh.Stubs.Sent.Select(s => s.Endpoint).Distinct().Count());
    }

    [Theory]
    [InlineData(false, MeshReasons.Overloaded, 503)]
    [InlineData(true, "other", 503)]
    [InlineData(true, MeshReasons.Overloaded, 500)]
    public async Task PostThatMayHaveBeenExecuted_IsNotRepeated(bool member, string reason, int status)
    {
        _mesh.WithEndpoints(2, member);
        _mesh.Stubs.Then(status, (MeshHeaders.Reason, reason));

        using var response = await _mesh.Invoker().SendAsync(TestMesh.Post(), default);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Single(_mesh.Stubs.Sent);
        Assert.Equal(member, response.Headers.Contains(MeshHeaders.Reason));
    }

    [Fact]
    public async Task Shed_ByEveryEndpoint_TheAnswerIsTheCallers_AndNobodyIsEjected()
    {
        _mesh.Stubs.Always(static _ => Task.FromResult(
            ScriptedTransports.Response(503, (MeshHeaders.Reason, MeshReasons.Overloaded))));

        for (var i = 0; i < 50; i++)
        {
            using var response = await _mesh.Invoker().SendAsync(TestMesh.Post(), default);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        }

        Assert.All(_mesh.Upstream.Endpoints, endpoint => Assert.Equal(EndpointState.Ready, endpoint.State));
    }

    [Fact]
    public async Task Shed_RetriesComeUnderTheBudget()
    {
        _mesh.WithPolicy(rule => rule with { BackoffBase = TimeSpan.Zero, BudgetFloor = 2, BudgetRatio = 0 });
        _mesh.Stubs.Always(static _ => Task.FromResult(
            ScriptedTransports.Response(503, (MeshHeaders.Reason, MeshReasons.Overloaded))));

        for (var i = 0; i < 20; i++)
        {
            using var response = await _mesh.Invoker().SendAsync(TestMesh.Post(), default);
        }

        Assert.Equal(22, _mesh.Stubs.Sent.Count);
    }

    [Fact]
    public async Task Shed_ByTheOnlyEndpoint_IsNotAskedAgain()
    {
        _mesh.WithEndpoints(1, members: true);
        Shed();

        using var response = await _mesh.Invoker().SendAsync(TestMesh.Get(), default);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Single(_mesh.Stubs.Sent);
    }

    [Fact]
    public async Task Shed_ForARequestThatIsARetry_IsLeftToItsCaller()
    {
        MeshAmbient.Served = new ServedRequest(_time) { IsRetried = true };
        Shed();

        using var response = await _mesh.Invoker().SendAsync(TestMesh.Get(), default);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
    }

    [Fact]
    public async Task Shed_RetriesOff_TheAnswerIsHandedOver()
    {
        _mesh.WithPolicy(rule => rule with { Enabled = false });
        Shed();

        using var response = await _mesh.Invoker().SendAsync(TestMesh.Get(), default);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
    }

    private void Shed() => _mesh.Stubs.Then(503, (MeshHeaders.Reason, MeshReasons.Overloaded));
}
