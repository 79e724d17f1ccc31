using Mesh.Client.Tests.Support;
using Mesh.Policy;
using Mesh.Testing;

namespace Mesh.Client.Tests.Pipeline;

public sealed class DeadlineTests : IDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly TestMesh _mesh;

    public DeadlineTests() => _mesh = new TestMesh(_time).WithEndpoints(2);

    public void Dispose() => _mesh.Dispose();

    [Fact]
    public async Task Get_AttemptTakesTooLong_AnotherEndpointAnswers()
    {
        _mesh.Stubs.ThenHang();
        var sending = _mesh.Invoker().SendAsync(TestMesh.Get(), default);

        _time.Advance(PolicyDefaults.AttemptCap - TimeSpan.FromMilliseconds(1));
        Assert.Single(_mesh.Stubs.Sent);
        _time.Advance(TimeSpan.FromMilliseconds(1));

        using var response = await sending;
        Assert.Equal(2, _mesh.Stubs.Sent.Select(s => s.Endpoint).Distinct().Count());
    }

    [Fact]
    public async Task Get_BudgetEmpty_TheSlowAttemptRunsOn()
    {
        _mesh.WithPolicy(rule => rule with { BudgetFloor = 0, BudgetRatio = 0 });
        var answer = new TaskCompletionSource<HttpResponseMessage>();
        _mesh.Stubs.Then((_, token) => answer.Task.WaitAsync(token));
        var sending = _mesh.Invoker().SendAsync(TestMesh.Get(), default);

        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.False(sending.IsCompleted);
        answer.SetResult(new HttpResponseMessage());

        using var response = await sending;
        Assert.Single(_mesh.Stubs.Sent);
    }

    [Theory]
    [InlineData("POST", 2)]
    [InlineData("GET", 1)]
    public async Task Send_NothingCouldFollow_HasNoAttemptDeadline(string method, int endpoints)
    {
        _mesh.WithEndpoints(endpoints);
        _mesh.Upstream.ConfirmEndpoints();
        var armed = _time.ArmedTimers;
        var answer = new TaskCompletionSource<HttpResponseMessage>();
        _mesh.Stubs.Then((_, token) => answer.Task.WaitAsync(token));
        using var request = new HttpRequestMessage(new HttpMethod(method), "http://orders/");
        var sending = _mesh.Invoker().SendAsync(request, default);

        Assert.Equal(armed, _time.ArmedTimers);
        _time.Advance(TimeSpan.FromHours(1));
        Assert.False(sending.IsCompleted);
        answer.SetResult(new HttpResponseMessage());
        using var response = await sending;
    }

    [Fact]
    public async Task Get_LastAttempt_IsBoundedByTheTotalAlone()
    {
        _mesh.WithPolicy(timeout: rule => rule with { Total = TimeSpan.FromSeconds(3) });
        _mesh.Stubs.ThenHang().ThenHang();
        var sending = _mesh.Invoker().SendAsync(TestMesh.Get(), default);

        _time.Advance(TimeSpan.FromSeconds(1));
        await Eventually.TrueAsync(() => _mesh.Stubs.Sent.Count == 2);
        _time.Advance(TimeSpan.FromSeconds(1.9));
        Assert.False(sending.IsCompleted);
        await Eventually.TrueAsync(() => _time.ArmedTimers > 0);
        _time.Advance(TimeSpan.FromSeconds(0.1));

        var exception = await Assert.ThrowsAsync<TaskCanceledException>(() => sending);
        Assert.IsType<TimeoutException>(exception.InnerException);
        Assert.Contains("2 attempts", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1000, 2000, 1000)]
    [InlineData(2000, 1000, 1000)]
    public async Task Post_DeadlineOfRequestAndPolicy_TheSmallerHolds(int request, int policy, int expected)
    {
        _mesh.WithPolicy(timeout: rule => rule with { Total = TimeSpan.FromMilliseconds(policy) });
        _mesh.Stubs.ThenHang();
        using var message = TestMesh.Post();
        message.Options.Set(MeshRequestOptions.Deadline, TimeSpan.FromMilliseconds(request));
        var sending = _mesh.Invoker().SendAsync(message, default);

        _time.Advance(TimeSpan.FromMilliseconds(expected - 1));
        Assert.False(sending.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));

        await Assert.ThrowsAsync<TaskCanceledException>(() => sending);
    }

    [Theory]
    [InlineData("2", 2)]
    [InlineData("Fri, 02 Jan 2026 03:04:08 GMT", 3)]
    public async Task Get_RetryAfter_IsWaitedFor(string value, int seconds)
    {
        _mesh.WithPolicy(rule => rule with { BackoffBase = TimeSpan.Zero });
        _mesh.Stubs.Then(503, ("Retry-After", value), ("Date", "Fri, 02 Jan 2026 03:04:05 GMT"));
        var sending = _mesh.Invoker().SendAsync(TestMesh.Get(), default);

        _time.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromMilliseconds(1));
        Assert.Single(_mesh.Stubs.Sent);
        _time.Advance(TimeSpan.FromMilliseconds(1));

        using var response = await sending;
        Assert.Equal(200, (int)response.StatusCode);
    }

    [Theory]
    [InlineData("86400", null)]
    [InlineData("6", null)]
    [InlineData("4", 3.0)]
    public async Task Get_RetryAfterTooLong_TheAnswerIsHandedOver(string value, double? total)
    {
        _mesh.WithPolicy(timeout: rule => rule with { Total = total is { } s ? TimeSpan.FromSeconds(s) : null });
        _mesh.Stubs.Then(503, ("Retry-After", value), ("Date", "Fri, 02 Jan 2026 03:04:05 GMT"));

        using var response = await _mesh.Invoker().SendAsync(TestMesh.Get(), default);

        Assert.Equal(503, (int)response.StatusCode);
    }

    [Fact]
    public async Task Get_TimeoutsSwitchedOff_NothingIsArmed()
    {
        _mesh.WithPolicy(timeout: rule => rule with { Total = TimeSpan.FromSeconds(1) });
        _mesh.Upstream.ApplySwitches(new SwitchState(false, Mechanisms.Timeouts));
        var answer = new TaskCompletionSource<HttpResponseMessage>();
        _mesh.Stubs.Then((_, token) => answer.Task.WaitAsync(token));
        var sending = _mesh.Invoker().SendAsync(TestMesh.Get(), default);

        _time.Advance(TimeSpan.FromHours(1));
        Assert.False(sending.IsCompleted);
        answer.SetResult(new HttpResponseMessage());
        using var response = await sending;
    }

    [Fact]
    public async Task Get_AnsweredAtTheMomentItsAttemptIsCut_TheRetryNobodyNeededIsGivenBack()
    {
        _mesh.WithPolicy(rule => rule with { BudgetFloor = 1, BudgetRatio = 0 });
        var answer = new TaskCompletionSource<HttpResponseMessage>();
        _mesh.Stubs.Then((_, token) =>
        {
            token.Register(() => answer.SetResult(new HttpResponseMessage()));
            return answer.Task;
        });
        var sending = _mesh.Invoker().SendAsync(TestMesh.Get(), default);

        _time.Advance(PolicyDefaults.AttemptCap);
        using var response = await sending;

        Assert.Single(_mesh.Stubs.Sent);
        Assert.Equal(1, _mesh.Upstream.Budget.Balance(_time.GetTimestamp()));
    }

    [Fact]
    public async Task Get_OneEndpointUnreachable_TheAttemptInItsPlaceIsLimitedToo()
    {
        _mesh.WithEndpoints(3);
        _mesh.Stubs.ThenThrow(new HttpRequestException(HttpRequestError.ConnectionError, "x")).ThenHang();
        var sending = _mesh.Invoker().SendAsync(TestMesh.Get(), default);
        Assert.Equal(2, _mesh.Stubs.Sent.Count);

        _time.Advance(PolicyDefaults.AttemptCap);

        using var response = await sending.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(3, _mesh.Stubs.Sent.Select(s => s.Endpoint).Distinct().Count());
    }

    [Fact]
    public async Task Post_DeadlineIsInfinite_IsNone()
    {
        var answer = new TaskCompletionSource<HttpResponseMessage>();
        _mesh.Stubs.Then((_, token) => answer.Task.WaitAsync(token));
        using var message = TestMesh.Post();
        message.Options.Set(MeshRequestOptions.Deadline, Timeout.InfiniteTimeSpan);
        var sending = _mesh.Invoker().SendAsync(message, default);

        _time.Advance(TimeSpan.FromHours(1));
        answer.SetResult(new HttpResponseMessage());

        using var response = await sending;
    }
}
