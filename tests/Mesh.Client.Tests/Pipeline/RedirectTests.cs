using System.Net.Http.Headers;
using Mesh.Client.Pipeline;
using Mesh.Client.Tests.Support;

namespace Mesh.Client.Tests.Pipeline;

public sealed class RedirectTests : IDisposable
{
    private static readonly ClientSettings Following = new() { Name = "", MaxRedirects = 3 };

    private readonly TestMesh _mesh = new TestMesh().WithEndpoints(2);
    private readonly List<(string Method, string Uri, bool Authorized, bool HasBody)> _sent = [];

    public RedirectTests() => _mesh.Stubs.Always((_, request, _) => Task.FromResult(Record(request, 200)));

    public void Dispose() => _mesh.Dispose();

    [Theory]
    [InlineData(301, "POST", "GET")]
    [InlineData(302, "POST", "GET")]
    [InlineData(303, "PUT", "GET")]
    [InlineData(301, "PUT", "PUT")]
    [InlineData(307, "POST", "POST")]
    [InlineData(308, "POST", "POST")]
    [InlineData(303, "HEAD", "HEAD")]
    public async Task Follow_WithinTheService_AsThePlatformDoes(int status, string method, string then)
    {
        _mesh.Stubs.Then((request, _) => Task.FromResult(Record(request, status, "/other?x=1")));
        using var request = new HttpRequestMessage(new(method), "http://orders/first");
        request.Content = method == "HEAD" ? null : new StringContent("x");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", "t");

        using var response = await _mesh.Invoker(Following).SendAsync(request, default);

        Assert.Equal(200, (int)response.StatusCode);
        Assert.Equal((method, "http://orders/first", true, method != "HEAD"), _sent[0]);
        Assert.Equal((then, "http://orders/other?x=1", false, then is not ("GET" or "HEAD")), _sent[1]);
        Assert.All(_mesh.Upstream.Endpoints, e => Assert.Equal(0, e.InFlight));
    }

    [Theory]
    [InlineData("http://payments/")]
    [InlineData("http://example.com/")]
    [InlineData("ftp://orders/")]
    public async Task Redirect_ElsewhereOrUnknown_IsTheCallersToJudge(string target)
    {
        _mesh.Stubs.Then((request, _) => Task.FromResult(Record(request, 302, target)));

        using var response = await _mesh.Invoker(Following).SendAsync(TestMesh.Get(), default);

        Assert.Equal(302, (int)response.StatusCode);
        Assert.Single(_sent);
    }

    [Fact]
    public async Task Redirect_ToNowhere_IsHandedOverAndHoldsNoLeaseAfterwards()
    {
        _mesh.Stubs.Then(302, ("Location", "//:80"));

        using (var response = await _mesh.Invoker(Following).SendAsync(TestMesh.Get(), default))
        {
            Assert.Equal(302, (int)response.StatusCode);
        }

        Assert.All(_mesh.Upstream.Endpoints, e => Assert.Equal(0, e.InFlight));
    }

    [Fact]
    public async Task Redirect_ClientDoesNotFollow_IsHandedOver()
    {
        _mesh.Stubs.Then((request, _) => Task.FromResult(Record(request, 302, "/other")));

        using var response = await _mesh.Invoker().SendAsync(TestMesh.Get(), default);

        Assert.Equal(302, (int)response.StatusCode);
    }

    [Fact]
    public async Task Redirect_WithoutEnd_StopsAtTheClientsLimit()
    {
        _mesh.Stubs.Always((_, request, _) => Task.FromResult(Record(request, 302, "/again")));

        using var response = await _mesh.Invoker(Following).SendAsync(TestMesh.Get(), default);

        Assert.Equal(302, (int)response.StatusCode);
        Assert.Equal(4, _sent.Count);
    }

    [Fact]
    public async Task Redirect_ThenAFailure_IsRetriedLikeAnyCall()
    {
        _mesh.WithPolicy(rule => rule with { BackoffBase = TimeSpan.Zero });
        _mesh.Stubs.Then((request, _) => Task.FromResult(Record(request, 302, "/other"))).Then(503);

        using var response = await _mesh.Invoker(Following).SendAsync(TestMesh.Get(), default);

        Assert.Equal(200, (int)response.StatusCode);
    }

    private HttpResponseMessage Record(HttpRequestMessage request, int status, string? location = null)
    {
        _sent.Add((
            request.Method.Method,
            request.RequestUri!.AbsoluteUri,
            request.Headers.Authorization is not null,
            request.Content is not null));
        return location is null
            ? ScriptedTransports.Response(status)
            : ScriptedTransports.Response(status, ("Location", location));
    }
}
