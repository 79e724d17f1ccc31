using Mesh.AspNetCore.Inbound;
using Mesh.AspNetCore.Tests.Support;
using Mesh.Client;
using Microsoft.AspNetCore.Http;

namespace Mesh.AspNetCore.Tests.Inbound;

/// <summary>What is in flight is counted, however a request ends.</summary>
public sealed class DrainStateTests
{
    private readonly DrainState _drain = new();

    [Theory]
    [InlineData("1")]
    [InlineData("2")]
    public async Task Request_CountsUntilItEnds(string attempt)
    {
        var gate = new TaskCompletionSource();
        var running = InvokeAsync(_ => gate.Task, attempt);
        Assert.Equal(1, _drain.InFlight);
        var second = InvokeAsync(_ => gate.Task, attempt);
        Assert.Equal(2, _drain.InFlight);

        gate.SetResult();
        await running;
        await second;

        Assert.Equal(0, _drain.InFlight);
    }

    [Fact]
    public async Task Request_AnsweredAtOnce_CountsWhileItRuns()
    {
        var seen = 0;
        await InvokeAsync(_ =>
        {
            seen = _drain.InFlight;
            return Task.CompletedTask;
        });

        Assert.Equal((1, 0), (seen, _drain.InFlight));
    }

    [Fact]
    public async Task Request_ThatThrows_IsOver()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => InvokeAsync(_ => throw new InvalidOperationException()));
        await Assert.ThrowsAsync<InvalidOperationException>(() => InvokeAsync(async _ =>
        {
            await Task.Yield();
            throw new InvalidOperationException();
        }));

        Assert.Equal(0, _drain.InFlight);
    }

    private async Task InvokeAsync(RequestDelegate application, string attempt = "1")
    {
        var context = new DefaultHttpContext();
        context.Request.Headers[MeshHeaders.Caller] = "web";
        context.Request.Headers[MeshHeaders.Attempt] = attempt;
        using var meters = new InboundMeters();
        var middleware = new InboundMiddleware(
            application, _drain, new CallerMembership(Keepers.Create()), meters.Instruments, Limited.ByNothing(),
            TimeProvider.System);
        await middleware.InvokeAsync(context);
    }
}
