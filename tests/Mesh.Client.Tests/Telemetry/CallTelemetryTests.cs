using System.Diagnostics;
using Mesh.Client.Tests.Support;

namespace Mesh.Client.Tests.Telemetry;

public sealed class CallTelemetryTests : IDisposable
{
    private readonly TestMesh _mesh = new TestMesh().WithEndpoints(2)
        .WithPolicy(rule => rule with { BackoffBase = TimeSpan.Zero });

    public void Dispose() => _mesh.Dispose();

    [Fact]
    public async Task Call_RetriedOnce_IsMeasuredAsOneCallTwoAttemptsOneRetry()
    {
        using var meters = _mesh.Meters.Listen();
        _mesh.Stubs.Then(503);

        using var response = await _mesh.Invoker().SendAsync(TestMesh.Get(), default);

        Assert.Equal(1, meters.Count(MeshTelemetry.RequestDuration, (MeshTelemetry.StatusCodeTag, 200)));
        Assert.Equal(1, meters.Count(
            MeshTelemetry.AttemptDuration,
            (MeshTelemetry.OutcomeTag, "gateway_error"),
            (MeshTelemetry.ErrorTypeTag, "503")));
        Assert.Equal(1, meters.Count(MeshTelemetry.AttemptDuration, (MeshTelemetry.OutcomeTag, "success")));
        Assert.Equal(1, meters.Count(
            MeshTelemetry.Retries, (MeshTelemetry.ReasonTag, "gateway_error"), (MeshTelemetry.OutcomeTag, "success")));
        Assert.Equal(1, meters.Count(
            MeshTelemetry.Decisions, (MeshTelemetry.DecisionTag, "retry"), (MeshTelemetry.ReasonTag, "gateway_error")));
    }

    [Fact]
    public async Task Call_Failed_SaysWhyInErrorType()
    {
        using var meters = _mesh.Meters.Listen();
        _mesh.Stubs.ThenThrow(new HttpRequestException("x", new IOException("reset")));

        await Assert.ThrowsAsync<MeshException>(() => _mesh.Invoker().SendAsync(TestMesh.Post(), default));

        Assert.Equal(1, meters.Count(MeshTelemetry.RequestDuration, (MeshTelemetry.ErrorTypeTag, "reset")));
        Assert.Equal(1, meters.Count(
            MeshTelemetry.Decisions, (MeshTelemetry.DecisionTag, "no_retry"), (MeshTelemetry.ReasonTag, "unsafe")));
    }

    [Fact]
    public async Task Span_OnlyForCallsWithMoreThanOneAttempt_AndNeverLeftCurrent()
    {
        List<Activity> ended = [];
        using var listener = Listen(ended);
        using var caller = new Activity("caller").Start();
        using var invoker = _mesh.Invoker();
        _mesh.Stubs.Records = false;

        for (var i = 0; i < 100_000; i++)
        {
            if (i % 20_000 == 7)
            {
                _mesh.Stubs.Then(async (_, _) =>
                {
                    await Task.Yield();
                    return ScriptedTransports.Response(503);
                });
            }

            using var response = await invoker.SendAsync(TestMesh.Get(), default);
            Assert.Same(caller, Activity.Current);
        }

        // Tests that run at the same time make spans of the same source, in traces of their own.
        Activity[] own = [.. Copy(ended).Where(span => span.TraceId == caller.TraceId)];
        Assert.Equal(5, own.Length);
        Assert.All(own, span =>
        {
            Assert.Equal("mesh orders", span.DisplayName);
            Assert.Equal(caller.SpanId, span.ParentSpanId);
            Assert.Equal(["gateway_error", "success"], span.Events.Select(
                e => e.Tags.Single(tag => tag.Key == MeshTelemetry.OutcomeTag).Value));
        });
    }

    [Fact]
    public async Task Request_AfterACallThatWasTraced_HasNoOptionLeft()
    {
        using var listener = Listen([]);
        _mesh.Stubs.Then(503);
        using var request = TestMesh.Get();

        using var response = await _mesh.Invoker().SendAsync(request, default);

        Assert.Empty(request.Options);
    }

    private static Activity[] Copy(List<Activity> ended)
    {
        lock (ended)
        {
            return [.. ended];
        }
    }

    private static ActivityListener Listen(List<Activity> ended)
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == MeshTelemetry.ActivitySourceName,
            Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity =>
            {
                lock (ended)
                {
                    ended.Add(activity);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }
}
