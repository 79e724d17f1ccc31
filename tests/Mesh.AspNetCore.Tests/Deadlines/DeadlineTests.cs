using Mesh.AspNetCore.Inbound;
using Mesh.AspNetCore.Tests.Support;
using Mesh.Client;
using Mesh.Client.Attempts;
using Mesh.Client.Pipeline;
using Mesh.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Mesh.AspNetCore.Tests.Deadlines;

/// <summary>Deadlines of requests on a clock that the test moves.</summary>
public sealed class DeadlineTests : IDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly InboundMeters _meters = new();

    public void Dispose() => _meters.Dispose();

    [Theory]
    [InlineData("0", null, 504)]
    [InlineData("0", "5S", 200)]
    [InlineData(null, "0m", 200)]
    public async Task ExpiredWork_IsRefusedBeforeTheApplication(string? member, string? grpc, int status)
    {
        var context = Context(member, grpc);

        await RunAsync(context, _ => throw new InvalidOperationException("The application was asked."));

        Assert.Equal(status, context.Response.StatusCode);
        Assert.Equal(MeshReasons.Deadline, context.Response.Headers[MeshHeaders.Reason].ToString());
        Assert.Equal(grpc is null ? "" : "4", context.Response.Headers["grpc-status"].ToString());
        Assert.Equal(1, _meters.Decisions("refuse", MeshReasons.Deadline));
    }

    [Theory]
    [InlineData("1500", null, 1500)]
    [InlineData("1500", "2S", 1500)]
    [InlineData("1500", "900m", 900)]
    [InlineData(null, "3S", 3000)]
    public async Task Deadline_CancelsTheRequestAndIsAnsweredForIt(string? member, string? grpc, int milliseconds)
    {
        var context = Context(member, grpc);
        var running = RunAsync(context, c => Task.Delay(Timeout.InfiniteTimeSpan, c.RequestAborted));

        _time.Advance(TimeSpan.FromMilliseconds(milliseconds - 1));
        Assert.False(running.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        await running.WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal(grpc is null ? 504 : 200, context.Response.StatusCode);
        Assert.Equal(MeshReasons.Deadline, context.Response.Headers[MeshHeaders.Reason].ToString());
        Assert.Equal(grpc is null ? "" : "4", context.Response.Headers["grpc-status"].ToString());
        Assert.False(context.RequestAborted.IsCancellationRequested);
    }

    [Theory]
    [InlineData("-5", null)]
    [InlineData("soon", null)]
    [InlineData("10,20", null)]
    [InlineData("", null)]
    [InlineData(null, "5")]
    [InlineData(null, "123456789S")]
    [InlineData(null, "1d")]
    public async Task MalformedDeadline_IsIgnoredAndCounted(string? member, string? grpc)
    {
        var context = Context(member, grpc);
        ServedRequest? served = null;

        await RunAsync(context, _ =>
        {
            served = MeshAmbient.Served;
            return Task.CompletedTask;
        });

        Assert.Null(served);
        Assert.Equal(200, context.Response.StatusCode);
        Assert.Equal(1, _meters.Decisions("ignore", MeshReasons.Malformed));
    }

    [Theory]
    [InlineData(null, "application/json", "0", null)]
    [InlineData(null, "application/json", null, "0m")]
    [InlineData("web", "application/grpc-web", null, "0m")]
    public async Task DeadlineThatIsNotForUs_BindsNothing(string? caller, string type, string? member, string? grpc)
    {
        var context = Context(member, grpc);
        context.Request.ContentType = type;
        context.Request.Headers[MeshHeaders.Caller] = caller;
        var before = context.RequestAborted;

        await RunAsync(context, c =>
        {
            Assert.Equal(before, c.RequestAborted);
            c.Response.StatusCode = 204;
            return Task.CompletedTask;
        });

        Assert.Equal(204, context.Response.StatusCode);
        Assert.Equal(0, _time.ArmedTimers);
    }

    [Fact]
    public async Task CallsOfTheRequest_SeeItsDeadline_AndWorkLeftBehindDoesNot()
    {
        var context = Context("1000");
        var (during, after) = (AttemptDeadline.Never, 0L);
        var over = new TaskCompletionSource();
        var token = CancellationToken.None;
        Task? left = null;

        await RunAsync(context, async c =>
        {
            await Task.Yield();
            during = MeshAmbient.Served!.Due;
            token = c.RequestAborted;
            left = Task.Run(async () =>
            {
                await over.Task;
                Assert.Null(MeshAmbient.Served);
                after = 1;
            });
        });
        _time.Advance(TimeSpan.FromMinutes(1));
        over.SetResult();
        await left!;

        Assert.Equal(TimeSpan.FromSeconds(1), _time.GetElapsedTime(_time.GetTimestamp() - (long)(60 * _time.TimestampFrequency), during));
        Assert.Equal(1, after);
        Assert.False(token.IsCancellationRequested);
        Assert.Null(MeshAmbient.Served);
        Assert.Equal(0, _time.ArmedTimers);
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData("2S", true)]
    public async Task ResponseThatHasBegun_IsBoundByGrpcTimeoutOnly(string? grpc, bool bound)
    {
        var context = Context("1000", grpc);
        var response = new StartableResponse();
        context.Features.Set<IHttpResponseFeature>(response);
        var token = CancellationToken.None;
        var due = 0L;
        var end = new TaskCompletionSource();
        var running = RunAsync(context, async c =>
        {
            await response.StartAsync();
            token = c.RequestAborted;
            due = MeshAmbient.Served!.Due;
            await end.Task;
        });

        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(bound, token.IsCancellationRequested);
        Assert.Equal(bound, due != AttemptDeadline.Never);
        end.SetResult();
        await running;
    }

    [Fact]
    public async Task CallerThatLeaves_IsNotTakenForADeadline()
    {
        var context = Context("1000");
        using var connection = new CancellationTokenSource();
        context.RequestAborted = connection.Token;
        var running = RunAsync(context, c => Task.Delay(Timeout.InfiniteTimeSpan, c.RequestAborted));

        await connection.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.Equal(200, context.Response.StatusCode);
        Assert.Equal(0, _meters.Decisions("refuse", MeshReasons.Deadline));
    }

    [Theory]
    [InlineData(499, 504)]
    [InlineData(500, 504)]
    [InlineData(404, 404)]
    [InlineData(200, 200)]
    public async Task AnswerAfterTheDeadline_OnlyAFailureIsReplaced(int given, int expected)
    {
        var context = Context("1000");

        await RunAsync(context, c =>
        {
            _time.Advance(TimeSpan.FromSeconds(2));
            c.Response.StatusCode = given;
            return Task.CompletedTask;
        });

        Assert.Equal(expected, context.Response.StatusCode);
    }

    [Fact]
    public async Task ExceptionOfTheApplication_StaysItsOwn_AlsoAfterTheDeadline()
    {
        var context = Context("1000");

        await Assert.ThrowsAsync<FormatException>(() => RunAsync(context, _ =>
        {
            _time.Advance(TimeSpan.FromSeconds(2));
            throw new FormatException();
        }));
    }

    [Theory]
    [InlineData("99999999H", null)]
    [InlineData(null, "999999999999")]
    public async Task DeadlineBeyondTimers_IsNone(string? grpc, string? member)
    {
        var context = Context(member, grpc);

        await RunAsync(context, _ =>
        {
            Assert.Equal(0, _time.ArmedTimers);
            return Task.CompletedTask;
        });

        Assert.Equal(0, _meters.Decisions("ignore", MeshReasons.Malformed));
    }

    private static DefaultHttpContext Context(string? member, string? grpc = null)
    {
        var context = new DefaultHttpContext();
        context.Request.Protocol = "HTTP/2";
        context.Request.Headers[MeshHeaders.Caller] = "web";
        if (member is not null)
        {
            context.Request.Headers[MeshHeaders.Deadline] = member;
        }

        if (grpc is not null)
        {
            context.Request.ContentType = "application/grpc";
            context.Request.Headers["grpc-timeout"] = grpc;
        }

        return context;
    }

    private Task RunAsync(HttpContext context, RequestDelegate application) =>
        new InboundMiddleware(
            application, new DrainState(), new CallerMembership(Keepers.Create()), _meters.Instruments,
            Limited.ByNothing(),
            _time).InvokeAsync(context);

    /// <summary>A response that a test starts.</summary>
    private sealed class StartableResponse : HttpResponseFeature
    {
        private readonly Stack<(Func<object, Task> Callback, object State)> _starting = new();
        private bool _started;

        public override bool HasStarted => _started;

        public override void OnStarting(Func<object, Task> callback, object state) => _starting.Push((callback, state));

        public async Task StartAsync()
        {
            foreach (var (callback, state) in _starting)
            {
                await callback(state);
            }

            _started = true;
        }
    }
}
