using System.Net;
using System.Net.Http.Headers;
using Mesh.Client.Attempts;
using Mesh.Client.Pipeline;
using Mesh.Client.Tests.Support;
using Mesh.Policy;
using Mesh.Testing;

namespace Mesh.Client.Tests.Pipeline;

/// <summary>Calls made for a request that has a deadline.</summary>
public sealed class ServedDeadlineTests : IDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly TestMesh _mesh;

    public ServedDeadlineTests() => _mesh = new TestMesh(_time).WithEndpoints(2, members: true);

    public void Dispose() => _mesh.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Call_EndsWithTheRequestItIsMadeFor_AndNoEndpointIsBlamed(bool wholeRequest)
    {
        Serve(800, wholeRequest);
        _mesh.Stubs.ThenHang();
        var sending = _mesh.Invoker().SendAsync(TestMesh.Get(), default);

        _time.Advance(TimeSpan.FromMilliseconds(799));
        Assert.False(sending.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));

        var exception = await Assert.ThrowsAsync<TaskCanceledException>(() => sending);
        Assert.IsType<TimeoutException>(exception.InnerException);
        Assert.Contains("the request on whose behalf", exception.Message, StringComparison.Ordinal);
        Assert.Contains("cancelled", exception.Message, StringComparison.Ordinal);
        Assert.Single(_mesh.Stubs.Sent);
    }

    [Fact]
    public async Task CallBegunTooLate_IsNotSent()
    {
        Serve(800);
        _time.Advance(TimeSpan.FromMilliseconds(800));

        await Assert.ThrowsAsync<TaskCanceledException>(() => _mesh.Invoker().SendAsync(TestMesh.Get(), default));
        using var grpc = await _mesh.Invoker().SendAsync(Grpc(null), default);

        Assert.Empty(_mesh.Stubs.Sent);
        Assert.Equal("4", grpc.Headers.GetValues("grpc-status").Single());
        Assert.Equal(MeshReasons.Deadline, grpc.Headers.GetValues(MeshHeaders.Reason).Single());
    }

    [Fact]
    public async Task CallOfWorkThatOutlivedTheRequest_IsBoundByNothing()
    {
        var served = Serve(800);
        served.End();
        var answer = new TaskCompletionSource<HttpResponseMessage>();
        _mesh.Stubs.Then((_, token) => answer.Task.WaitAsync(token));
        var sending = _mesh.Invoker().SendAsync(TestMesh.Post(), default);

        _time.Advance(TimeSpan.FromHours(1));
        answer.SetResult(new HttpResponseMessage());

        using var response = await sending;
        Assert.False(_mesh.Stubs.Sent.Single().Headers.ContainsKey(MeshHeaders.Deadline));
    }

    [Theory]
    [InlineData(null, null, null)]
    [InlineData(800, null, "800")]
    [InlineData(null, 500, "500")]
    [InlineData(800, 500, "500")]
    [InlineData(300, 500, "300")]
    public async Task Member_IsToldTheShortestDeadline_AndTheRequestIsLeftAsItWas(int? served, int? own, string? told)
    {
        if (served is { } milliseconds)
        {
            Serve(milliseconds);
        }

        using var request = TestMesh.Get();
        if (own is not null)
        {
            request.Options.Set(MeshRequestOptions.Deadline, TimeSpan.FromMilliseconds(own.Value));
        }

        using var response = await _mesh.Invoker().SendAsync(request, default);

        Assert.Equal(told, _mesh.Stubs.Sent.Single().Headers.GetValueOrDefault(MeshHeaders.Deadline));
        Assert.Empty(request.Headers);
    }

    [Fact]
    public async Task Retry_IsToldWhatIsLeft()
    {
        _mesh.WithPolicy(rule => rule with { BackoffBase = TimeSpan.Zero });
        Serve(800);
        _mesh.Stubs.Then((_, _) =>
        {
            _time.Advance(TimeSpan.FromMilliseconds(250.5));
            return Task.FromResult(ScriptedTransports.Response(503));
        });

        using var response = await _mesh.Invoker().SendAsync(TestMesh.Get(), default);

        Assert.Equal(["800", "550"], _mesh.Stubs.Sent.Select(s => s.Headers[MeshHeaders.Deadline]));
    }

    [Fact]
    public async Task NonMember_HearsNoneOfIt()
    {
        Serve(800);
        _mesh.WithEndpoints(2);

        using var response = await _mesh.Invoker().SendAsync(TestMesh.Get(), default);

        Assert.Empty(_mesh.Stubs.Sent.Single().Headers);
    }

    [Theory]
    [InlineData(null, "800000u")]
    [InlineData("5S", "800000u")]
    [InlineData("300m", "300m")]
    public async Task GrpcTimeout_IsOnlyShortened(string? written, string sent)
    {
        Serve(800, whole: true);
        using var request = Grpc(written);

        using var response = await _mesh.Invoker().SendAsync(request, default);

        Assert.Equal(sent, _mesh.Stubs.Sent.Single().Headers["grpc-timeout"]);
        Assert.Equal(written, request.Headers.TryGetValues("grpc-timeout", out var left) ? left.Single() : null);
    }

    [Fact]
    public async Task GrpcTimeout_IsNotMadeOfADeadlineForHeaders_WhichWouldCutStreams()
    {
        Serve(800);

        using var response = await _mesh.Invoker().SendAsync(Grpc(null), default);

        Assert.False(_mesh.Stubs.Sent.Single().Headers.ContainsKey("grpc-timeout"));
        Assert.Equal("800", _mesh.Stubs.Sent.Single().Headers[MeshHeaders.Deadline]);
    }

    [Fact]
    public async Task FailureWhenNoTimeIsLeft_IsNotRepeated_ThoughNothingWasSent()
    {
        Serve(800);
        _mesh.Stubs.Then((_, _) =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            throw new HttpRequestException(HttpRequestError.ConnectionError, "x");
        });

        await Assert.ThrowsAsync<MeshException>(() => _mesh.Invoker().SendAsync(TestMesh.Get(), default));

        Assert.Single(_mesh.Stubs.Sent);
    }

    [Fact]
    public async Task TimeoutsSwitchedOff_TheRequestBoundsNothing()
    {
        Serve(800);
        _mesh.WithPolicy();
        _mesh.Upstream.ApplySwitches(new SwitchState(false, Mechanisms.Timeouts));

        using var response = await _mesh.Invoker().SendAsync(TestMesh.Get(), default);

        Assert.False(_mesh.Stubs.Sent.Single().Headers.ContainsKey(MeshHeaders.Deadline));
    }

    private static HttpRequestMessage Grpc(string? timeout)
    {
        var request = TestMesh.Post(new ByteArrayContent([0, 0, 0, 0, 0]));
        request.Version = HttpVersion.Version20;
        request.Content!.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        if (timeout is not null)
        {
            request.Headers.Add("grpc-timeout", timeout);
        }

        return request;
    }

    private ServedRequest Serve(int milliseconds, bool whole = false)
    {
        var due = _time.GetTimestamp() + (milliseconds * _time.TimestampFrequency / 1000);
        var served = new ServedRequest(_time)
        {
            HeadersDue = whole ? AttemptDeadline.Never : due,
            WholeDue = whole ? due : AttemptDeadline.Never,
        };
        MeshAmbient.Served = served;
        return served;
    }
}
