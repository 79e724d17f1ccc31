using System.Collections.Concurrent;
using System.Diagnostics;
using Mesh.Client.Tests.Support;
using Mesh.Testing;

namespace Mesh.Client.Tests.Telemetry;

/// <summary>The platform's own spans of attempts, recorded, over real connections.</summary>
public sealed class AttemptPropagatorTests : IAsyncLifetime
{
    private readonly ConcurrentQueue<Activity> _ended = new();
    private readonly Activity _caller = new("caller");
    private ActivityListener _listener = null!;
    private HttpBackend _first = null!;
    private HttpBackend _second = null!;
    private TestMesh _mesh = null!;

    public async Task InitializeAsync()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "System.Net.Http",
            Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = _ended.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
        _first = await HttpBackend.StartAsync();
        _second = await HttpBackend.StartAsync();
        _mesh = SocketMesh.To(_first.Port, _second.Port);
    }

    public async Task DisposeAsync()
    {
        _caller.Dispose();
        _listener.Dispose();
        _mesh.Dispose();
        await _first.DisposeAsync();
        await _second.DisposeAsync();
    }

    [Fact]
    public async Task RetriedCall_EachEndpointHearsOfItsOwnAttempt_WhichSaysWhereItWentAndHowOftenBefore()
    {
        FailOnce();
        _caller.Start();

        using var response = await _mesh.HttpClient().GetAsync("/");

        var attempts = Attempts();
        Assert.Equal(2, attempts.Length);
        Assert.Null(attempts[0].GetTagItem("http.request.resend_count"));
        Assert.Equal(1, attempts[1].GetTagItem("http.request.resend_count"));
        foreach (var attempt in attempts)
        {
            var heard = Assert.Single(new[] { _first, _second }, b => Equals(b.Port, attempt.GetTagItem("network.peer.port")));
            Assert.Equal(attempt.Id, Assert.Single(heard.Requests).Headers["traceparent"]);
            Assert.Equal(heard == _first ? "a" : "b", attempt.GetTagItem("mesh.endpoint"));
        }
    }

    [Fact]
    public async Task RetriedCall_WithATraceOfTheApplicationsOwn_KeepsIt()
    {
        const string Own = "00-11111111111111111111111111111111-2222222222222222-01";
        FailOnce();
        _caller.Start();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/") { Headers = { { "traceparent", Own } } };

        using var response = await _mesh.HttpClient().SendAsync(request);

        Assert.All([.. _first.Requests, .. _second.Requests], r => Assert.Equal(Own, r.Headers["traceparent"]));
        Assert.Equal(2, _first.RequestCount + _second.RequestCount);
    }

    private void FailOnce()
    {
        var failed = 0;
        var once = BackendAnswer.Custom(context =>
        {
            context.Response.StatusCode = Interlocked.Increment(ref failed) == 1 ? 503 : 200;
            return Task.CompletedTask;
        });
        _first.Respond(once);
        _second.Respond(once);
    }

    // Tests that run at the same time make spans of the same source, in traces of their own.
    private Activity[] Attempts() =>
        [.. _ended.Where(span => span.TraceId == _caller.TraceId).OrderBy(span => span.StartTimeUtc)];
}
