using System.Net;
using Mesh.Client.Attempts;
using Mesh.Client.Discovery;
using Mesh.Client.Pipeline;
using Mesh.Client.Tests.Support;
using Mesh.Client.Transport;
using Mesh.Policy;
using Mesh.Testing;

namespace Mesh.Client.Tests.Pipeline;

public sealed class RetryTests : IDisposable
{
    private readonly TestMesh _mesh = new TestMesh().WithEndpoints(3, members: true)
        .WithPolicy(rule => rule with { BackoffBase = TimeSpan.Zero, BackoffMax = TimeSpan.Zero });

    public static TheoryData<Exception> Unsent => new()
    {
        new HttpRequestException("x", new EndpointConnectException("refused", ConnectFailure.Refused, null)),
        new HttpRequestException(HttpRequestError.ConnectionError, "x"),
        new HttpRequestException(HttpRequestError.NameResolutionError, "x"),
        new HttpRequestException(HttpRequestError.SecureConnectionError, "x"),
        new ObjectDisposedException("transport"),
        new TaskCanceledException("x", new TimeoutException("connect")),
    };

    public void Dispose() => _mesh.Dispose();

    [Theory]
    [MemberData(nameof(Unsent))]
    public async Task Post_NothingWasSent_GoesToAnotherEndpointAtOnce(Exception failure)
    {
        _mesh.Stubs.ThenThrow(failure).ThenThrow(failure);

        using var response = await _mesh.Invoker().SendAsync(TestMesh.Post(), default);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(3, Endpoints().Distinct().Count());
        Assert.Equal(3.0, _mesh.Upstream.Budget.Balance(_mesh.Time.GetTimestamp()), 0.5);
    }

    [Fact]
    public async Task Post_RefusedByThePeersHttpLayer_IsTriedOnceMore()
    {
        _mesh.Stubs.ThenThrow(Http2(7));

        using var response = await _mesh.Invoker().SendAsync(TestMesh.Post(), default);

        Assert.Equal(2, _mesh.Stubs.Sent.Count);
    }

    [Theory]
    [InlineData("GET", true)]
    [InlineData("HEAD", true)]
    [InlineData("OPTIONS", true)]
    [InlineData("TRACE", true)]
    [InlineData("PUT", true)]
    [InlineData("DELETE", true)]
    [InlineData("POST", false)]
    [InlineData("PATCH", false)]
    [InlineData("get-it", false)]
    public async Task Reset_ByMethod_IsRetriedOnlyWhenRepeatingIsSafe(string method, bool retried)
    {
        _mesh.Stubs.ThenThrow(Reset());
        using var request = new HttpRequestMessage(new HttpMethod(method), "http://orders/");

        if (retried)
        {
            using var response = await _mesh.Invoker().SendAsync(request, default);
            Assert.Equal(2, Endpoints().Distinct().Count());
        }
        else
        {
            var exception = await Assert.ThrowsAsync<MeshException>(() => _mesh.Invoker().SendAsync(request, default));
            Assert.Equal(MeshFailureReason.Reset, exception.Reason);
            Assert.Single(_mesh.Stubs.Sent);
        }
    }

    [Fact]
    public async Task Post_MarkedIdempotent_IsRetried()
    {
        _mesh.Stubs.ThenThrow(Reset());
        using var request = TestMesh.Post();
        request.Options.Set(MeshRequestOptions.Idempotent, true);

        using var response = await _mesh.Invoker().SendAsync(request, default);

        Assert.Equal(2, _mesh.Stubs.Sent.Count);
    }

    [Theory]
    [InlineData(true, 2)]
    [InlineData(false, 1)]
    public async Task Post_WithIdempotencyKey_IsRetriedOnRoutesThatSaySo(bool withKey, int sent)
    {
        _mesh.WithPolicy(rule => rule with { IdempotentWithKey = withKey, BackoffBase = TimeSpan.Zero });
        _mesh.Stubs.Then(503);
        using var request = TestMesh.Post();
        request.Headers.Add("Idempotency-Key", "k1");

        using var response = await _mesh.Invoker().SendAsync(request, default);

        Assert.Equal(sent, _mesh.Stubs.Sent.Count);
    }

    [Theory]
    [InlineData(502, true)]
    [InlineData(503, true)]
    [InlineData(500, false)]
    [InlineData(504, false)]
    [InlineData(429, false)]
    public async Task Get_AnsweredBadly_IsRetriedWhenTheRuleNamesTheStatus(int status, bool retried)
    {
        _mesh.Stubs.Then(status);

        using var response = await _mesh.Invoker().SendAsync(TestMesh.Get(), default);

        Assert.Equal(retried ? 200 : status, (int)response.StatusCode);
        Assert.Equal(retried ? 2 : 1, _mesh.Stubs.Sent.Count);
    }

    [Fact]
    public async Task Get_AttemptsSpent_TheLastAnswerIsTheCallers()
    {
        _mesh.Stubs.ThenThrow(Reset()).Then(503, ("x-from", "second"));

        using var response = await _mesh.Invoker().SendAsync(TestMesh.Get(), default);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("second", response.Headers.GetValues("x-from").Single());
    }

    [Fact]
    public async Task Get_BudgetEmpty_IsNotRetried()
    {
        using var meters = _mesh.Meters.Listen();
        _mesh.Stubs.Always((_, _, _) => Task.FromResult(ScriptedTransports.Response(503)));

        for (var i = 0; i < 50; i++)
        {
            (await _mesh.Invoker().SendAsync(TestMesh.Get(), default)).Dispose();
        }

        // The floor of 3 and a fifth of 50 calls.
        Assert.InRange(_mesh.Stubs.Sent.Count - 50, 10, 13);
        Assert.Equal(
            100 - _mesh.Stubs.Sent.Count,
            meters.Count(MeshTelemetry.Decisions, (MeshTelemetry.ReasonTag, "budget")));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Get_RetriesOffForClientOrRequest_RepeatsOnlyWhatWasNotSent(bool byClient)
    {
        var settings = new ClientSettings { Name = "", RetriesOff = byClient };
        using var request = TestMesh.Get();
        request.Options.Set(MeshRequestOptions.NoRetry, !byClient);
        _mesh.Stubs.ThenThrow(new HttpRequestException(HttpRequestError.ConnectionError, "x")).Then(503);

        using var response = await _mesh.Invoker(settings).SendAsync(request, default);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal(2, _mesh.Stubs.Sent.Count);
    }

    [Fact]
    public async Task Get_ForAnInboundRequestThatIsARetry_IsNotRetriedAgain()
    {
        _mesh.Stubs.Then(503);
        MeshAmbient.Served = new ServedRequest(TimeProvider.System) { IsRetried = true };

        using var response = await _mesh.Invoker().SendAsync(TestMesh.Get(), default);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
    }

    [Fact]
    public async Task Get_PolicySaysOff_OneAttemptEvenWhenNothingWasSent()
    {
        _mesh.WithPolicy(rule => rule with { Enabled = false });
        _mesh.Stubs.ThenThrow(new HttpRequestException(HttpRequestError.ConnectionError, "x"));

        var exception = await Assert.ThrowsAsync<MeshException>(
            () => _mesh.Invoker().SendAsync(TestMesh.Get(), default));

        Assert.Equal(MeshFailureReason.ConnectFailed, exception.Reason);
        Assert.Equal(HttpRequestError.ConnectionError, exception.HttpRequestError);
        Assert.Single(_mesh.Stubs.Sent);
    }

    [Fact]
    public async Task Get_TransportRetiredBetweenPickAndSend_IsTriedAgainThoughRetriesAreOff()
    {
        _mesh.WithPolicy(rule => rule with { Enabled = false });
        _mesh.Stubs.ThenThrow(new ObjectDisposedException("transport"));

        using var response = await _mesh.Invoker().SendAsync(TestMesh.Get(), default);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Get_AllEndpointsUnreachable_FailsWithEveryAttemptTold()
    {
        _mesh.Stubs.Always((id, _, _) => Task.FromException<HttpResponseMessage>(
            new HttpRequestException(HttpRequestError.ConnectionError, $"no way to {id}")));

        var exception = await Assert.ThrowsAsync<MeshException>(
            () => _mesh.Invoker().SendAsync(TestMesh.Get(), default));

        Assert.Equal(MeshFailureReason.ConnectFailed, exception.Reason);
        Assert.Equal("orders", exception.Service);
        Assert.IsType<HttpRequestException>(exception.InnerException);
        Assert.Contains("127.0.0.1:1000 connect_failed after", exception.Message, StringComparison.Ordinal);
        Assert.Contains("127.0.0.1:1001 connect_failed after", exception.Message, StringComparison.Ordinal);
        Assert.Contains("127.0.0.1:1002 connect_failed after", exception.Message, StringComparison.Ordinal);
        Assert.Contains("policy test-1, route default", exception.Message, StringComparison.Ordinal);
        Assert.Equal(["a", "b", "c"], Endpoints().Take(3).Order());
        Assert.All(_mesh.Upstream.Endpoints, e => Assert.Equal(0, e.InFlight));
    }

    [Fact]
    public async Task Get_ConnectRefused_MakesTheEndpointSuspect()
    {
        _mesh.Stubs.ThenThrow(new HttpRequestException(
            "x", new EndpointConnectException("refused", ConnectFailure.Refused, null)));

        using var response = await _mesh.Invoker().SendAsync(TestMesh.Get(), default);

        Assert.True(_mesh.EndpointOf(Endpoints()[0]).IsSuspect);
    }

    [Fact]
    public async Task Get_AnsweredWhileDraining_MakesTheEndpointSuspect()
    {
        _mesh.Stubs.Then(200, (MeshHeaders.Draining, "1"));

        using var response = await _mesh.Invoker().SendAsync(TestMesh.Get(), default);

        Assert.True(_mesh.EndpointOf(Endpoints()[0]).IsSuspect);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Retry_ToMembersOnly_CarriesItsNumber_AndTheRequestIsLeftAsItWas(bool members)
    {
        _mesh.WithEndpoints(3, members);
        _mesh.Stubs.Then(503);
        using var request = TestMesh.Get();
        request.Version = HttpVersion.Version20;

        using var response = await _mesh.Invoker().SendAsync(request, default);

        Assert.Equal([false, members], _mesh.Stubs.Sent.Select(s => s.Headers.ContainsKey(MeshHeaders.Attempt)));
        Assert.Equal(members ? "2" : null, _mesh.Stubs.Sent.Last().Headers.GetValueOrDefault(MeshHeaders.Attempt));
        Assert.Empty(request.Headers);
        Assert.Equal(HttpVersion.Version20, request.Version);
        Assert.Equal(HttpVersionPolicy.RequestVersionOrLower, request.VersionPolicy);
        Assert.All(_mesh.Stubs.Sent, s => Assert.Equal(HttpVersion.Version11, s.Version));
        Assert.All(_mesh.Stubs.Sent, s => Assert.Equal(HttpVersionPolicy.RequestVersionExact, s.Policy));
    }

    [Fact]
    public void Send_Synchronously_RetriesToo()
    {
        _mesh.WithPolicy(rule => rule with { BackoffBase = TimeSpan.FromMilliseconds(5) });
        _mesh.Stubs.Then(503).Then(200).ThenThrow(Reset());

        Assert.Equal(HttpStatusCode.OK, _mesh.Invoker().Send(TestMesh.Get(), default).StatusCode);
        Assert.Equal(HttpStatusCode.OK, _mesh.Invoker().Send(TestMesh.Get(), default).StatusCode);
        Assert.Equal(4, _mesh.Stubs.Sent.Count);
    }

    [Fact]
    public async Task Get_CallerGivesUp_IsNoFailureAndNotRetried()
    {
        using var caller = new CancellationTokenSource();
        _mesh.Stubs.ThenHang();
        var sending = _mesh.Invoker().SendAsync(TestMesh.Get(), caller.Token);

        caller.Cancel();

        var exception = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
        Assert.Equal(caller.Token, exception.CancellationToken);
        Assert.Single(_mesh.Stubs.Sent);
        Assert.All(_mesh.Upstream.Endpoints, e => Assert.Equal(0, e.InFlight));
    }

    [Fact]
    public async Task Post_ApplicationsOwnException_PassesUntouched()
    {
        var own = new NotSupportedException("mine");
        _mesh.Stubs.ThenThrow(own);

        Assert.Same(own, await Assert.ThrowsAsync<NotSupportedException>(
            () => _mesh.Invoker().SendAsync(TestMesh.Get(), default)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Post_ItsBodysAuthorFailedToConnectElsewhere_IsNotSentAgain(bool timedOut)
    {
        // Only the dialer's word counts here: the body is written by code of the application, which may make calls.
        _mesh.Stubs.ThenThrow(timedOut
            ? new TaskCanceledException("x", new TimeoutException("of another call"))
            : new HttpRequestException(HttpRequestError.ConnectionError, "of another call"));

        await Assert.ThrowsAnyAsync<Exception>(
            () => _mesh.Invoker().SendAsync(TestMesh.Post(new StreamContent(new MemoryStream([1]))), default));

        Assert.Single(_mesh.Stubs.Sent);
    }

    [Fact]
    public async Task Post_ItsBodysAuthorFailedToCallAnotherService_IsNotSentAgainAndBlamesNobody()
    {
        var refused = new EndpointConnectException("refused", ConnectFailure.Refused, null);
        var failure = new MeshException(
            MeshFailureReason.ConnectFailed, "payments", "x", HttpRequestError.ConnectionError, refused);
        _mesh.Stubs.ThenThrow(failure);

        var thrown = await Assert.ThrowsAsync<MeshException>(
            () => _mesh.Invoker().SendAsync(TestMesh.Post(new StreamContent(new MemoryStream([1]))), default));

        Assert.Same(failure, thrown);
        Assert.Single(_mesh.Stubs.Sent);
        Assert.All(_mesh.Upstream.Endpoints, e => Assert.False(e.IsSuspect));
    }

    [Fact]
    public async Task Get_RequestDisposedOnItsWay_StillEndsTheLease()
    {
        var answer = new TaskCompletionSource<HttpResponseMessage>();
        _mesh.Stubs.Then((_, _) => answer.Task);
        var request = TestMesh.Get();
        var sending = _mesh.Invoker().SendAsync(request, default);

        request.Dispose();
        answer.SetResult(new HttpResponseMessage());
        using var response = await sending;

        Assert.All(_mesh.Upstream.Endpoints, e => Assert.Equal(0, e.InFlight));
    }

    private static HttpRequestException Reset() => new("reset", new IOException("Connection reset by peer"));

    private static HttpRequestException Http2(long code) =>
        new(HttpRequestError.HttpProtocolError, "x", new HttpProtocolException(code, "x", null));

    private List<string> Endpoints() => [.. _mesh.Stubs.Sent.Select(s => s.Endpoint)];
}
