using Mesh.AspNetCore.Limits;
using Mesh.AspNetCore.Tests.Support;
using Mesh.Client;
using Mesh.Client.Pipeline;
using Mesh.Client.Policies;
using Mesh.Policy;
using Mesh.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Mesh.AspNetCore.Tests.Limits;

/// <summary>What becomes of requests at a limit.</summary>
public sealed class ConcurrencyTests : IDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly InboundMeters _meters = new();
    private readonly OwnPolicy _policy = new("web");
    private readonly InboundLimits _limits;
    private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ConcurrencyTests() => _limits =
        new InboundLimits(_policy, _time, _meters.Instruments, NullLogger<InboundLimits>.Instance);

    public void Dispose()
    {
        _limits.Dispose();
        _meters.Dispose();
    }

    [Theory]
    [InlineData("application/json", 503, "")]
    [InlineData("application/grpc", 200, "14")]
    public async Task NoRoom_IsSaidSoThatTheCallerKnowsNothingWasExecuted(string type, int status, string grpcStatus)
    {
        Limit(1);
        var (_, running) = Send(_ => _end.Task);

        var (refused, done) = Send(_ => throw new InvalidOperationException("The application was asked."), type);
        await done;

        Assert.Equal(status, refused.Response.StatusCode);
        Assert.Equal(grpcStatus, refused.Response.Headers["grpc-status"].ToString());
        Assert.Equal(MeshReasons.Overloaded, refused.Response.Headers[MeshHeaders.Reason]);
        Assert.Equal(1, _meters.Decisions("refuse", MeshReasons.Overloaded));
        Assert.Equal(
            (1, 1), (_meters.Gauge(MeshTelemetry.ConcurrencyInFlight), _meters.Gauge(MeshTelemetry.ConcurrencyLimit)));
        _end.SetResult();
        await running;
        Assert.Equal(0, _limits.Gate!.InFlight);
    }

    [Fact]
    public async Task Shadow_OnlyCounts()
    {
        _policy.Put(new InboundPolicy
        {
            Concurrency = new InboundConcurrency { Adaptive = false, Max = 1, Shadow = true },
        });
        var (_, first) = Send(_ => _end.Task);
        var (second, running) = Send(_ => _end.Task);

        Assert.Equal(2, _limits.Gate!.InFlight);
        _end.SetResult();
        await Task.WhenAll(first, running);
        Assert.Equal(200, second.Response.StatusCode);
        Assert.Equal(1, _meters.Decisions("would_refuse", MeshReasons.Overloaded));
    }

    [Fact]
    public async Task HealthCheck_HasNoLimit()
    {
        Limit(1);
        var (_, running) = Send(_ => _end.Task);

        var (check, done) = Send(_ => Task.CompletedTask, path: "/healthz");
        await done;

        Assert.Equal(200, check.Response.StatusCode);
        _end.SetResult();
        await running;
    }

    [Fact]
    public async Task Stream_HoldsItsPlaceUntilItsResponseBegins()
    {
        Limit(1);
        var started = new TaskCompletionSource();
        var (_, stream) = Send(async context =>
        {
            await ((Starting)context.Features.GetRequiredFeature<IHttpResponseFeature>()).StartAsync();
            started.SetResult();
            await _end.Task;
        });
        await started.Task;

        Assert.Equal(0, _limits.Gate!.InFlight);
        var (next, done) = Send(_ => Task.CompletedTask);
        await done;
        Assert.Equal(200, next.Response.StatusCode);
        _end.SetResult();
        await stream;
        Assert.Equal(0, _limits.Gate!.InFlight);
    }

    [Fact]
    public async Task ExceptionOfTheApplication_GivesThePlaceBack()
    {
        Limit(1);

        var (_, failed) = Send(_ => throw new FormatException());

        await Assert.ThrowsAsync<FormatException>(() => failed);
        Assert.Equal(0, _limits.Gate!.InFlight);
    }

    [Fact]
    public async Task WhatMattersLess_IsTurnedAwayWhileThereIsRoomForMore()
    {
        Limit(2);
        var (_, running) = Send(_ => _end.Task);

        var (less, done) = Send(_ => Task.CompletedTask, criticality: MeshCriticality.Sheddable);
        await done;
        var (more, alsoDone) = Send(_ => Task.CompletedTask);
        await alsoDone;

        Assert.Equal((503, 200), (less.Response.StatusCode, more.Response.StatusCode));
        _end.SetResult();
        await running;
    }

    [Fact]
    public async Task LimitTakenOutOfThePolicy_NothingRemainsOfIt()
    {
        Limit(1);
        var (_, running) = Send(_ => _end.Task);
        Assert.Equal(1, _time.ArmedTimers);

        _policy.Put(new InboundPolicy());

        Assert.Null(_limits.Gate);
        Assert.Equal(0, _time.ArmedTimers);
        _end.SetResult();
        await running;
    }

    [Fact]
    public async Task RequestGivenUpWhileItWaitedForAThread_IsNotExecuted()
    {
        Limit(1000);
        var others = Enumerable.Range(0, Environment.ProcessorCount).Select(_ => Send(_ => _end.Task).Running).ToArray();
        using var gone = new CancellationTokenSource();
        await gone.CancelAsync();

        var (_, running) = Send(
            _ => throw new InvalidOperationException("The application was asked."), aborted: gone.Token);

        await Assert.ThrowsAsync<OperationCanceledException>(() => running);
        _end.SetResult();
        await Task.WhenAll(others);
    }

    private void Limit(int most) => _policy.Put(new InboundPolicy
    {
        Concurrency = new InboundConcurrency { Adaptive = false, Max = most },
    });

    private (DefaultHttpContext Context, Task Running) Send(
        RequestDelegate application,
        string type = "application/json",
        string path = "/",
        MeshCriticality? criticality = null,
        CancellationToken aborted = default)
    {
        var context = new DefaultHttpContext { RequestAborted = aborted };
        context.Features.Set<IHttpResponseFeature>(new Starting());
        context.Request.Method = "GET";
        context.Request.Path = path;
        context.Request.ContentType = type;
        if (criticality is not null)
        {
            context.Features.Set(new ServedRequest(_time) { Criticality = criticality });
        }

        var middleware = new ConcurrencyMiddleware(
            application, _limits, new LimitExemptions(Options.Create(new MeshServerOptions())), _meters.Instruments);
        return (context, middleware.InvokeAsync(context));
    }

    private sealed class Starting : HttpResponseFeature
    {
        private readonly List<(Func<object, Task> Callback, object State)> _starting = [];

        public override void OnStarting(Func<object, Task> callback, object state) => _starting.Add((callback, state));

        public async Task StartAsync()
        {
            foreach (var (callback, state) in _starting)
            {
                await callback(state);
            }
        }
    }
}
