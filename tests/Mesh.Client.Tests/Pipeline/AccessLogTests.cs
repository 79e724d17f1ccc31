using Mesh.Client.Discovery;
using Mesh.Client.Pipeline;
using Mesh.Client.Tests.Support;
using Mesh.Testing;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Tests.Pipeline;

public sealed class AccessLogTests : IDisposable
{
    private readonly LogCollector _log = new();
    private readonly ManualTimeProvider _time = new();
    private readonly ILoggerFactory _loggers;
    private TestMesh? _mesh;

    public AccessLogTests() =>
        _loggers = LoggerFactory.Create(logging => logging.AddProvider(_log).SetMinimumLevel(LogLevel.Trace));

    private LogCollector.Entry[] Lines => [.. _log.Entries.Where(e => e.Category == AccessLog.Category)];

    public void Dispose()
    {
        _mesh?.Dispose();
        _loggers.Dispose();
        _log.Dispose();
    }

    [Fact]
    public async Task GoodCalls_AreNotTold_UnlessAllAreAskedFor()
    {
        var mesh = Mesh();
        await Send(mesh);
        mesh.Stubs.Then(404);
        await Send(mesh);
        Assert.Empty(Lines);
    }

    [Fact]
    public async Task AnErrorAnswer_IsToldWithAllFields()
    {
        var mesh = Mesh();
        mesh.Stubs.Then(503);
        await Send(mesh, TestMesh.Post());

        var line = Assert.Single(Lines);
        Assert.Equal(LogLevel.Warning, line.Level);
        Assert.Equal("orders", line["Service"]);
        Assert.Equal("POST", line["Method"]);
        Assert.Equal("default", line["Route"]);
        Assert.Equal(503, line["Status"]);
        Assert.Equal("gateway_error", line["Outcome"]);
        Assert.Equal("gateway_error", line["Reason"]);
        Assert.Equal("unsafe", line["NotRetried"]);
        Assert.Equal(1, line["Attempts"]);
        Assert.Equal("a", line["Endpoint"]);
        Assert.Equal(0d, line["Milliseconds"]);
    }

    [Fact]
    public async Task ACallThatFails_IsToldWithReasonAndAttempts()
    {
        var mesh = Mesh(endpoints: 2).WithPolicy(retry: rule => rule with { MaxAttempts = 1 });
        mesh.Stubs.Always(_ => Task.FromException<HttpResponseMessage>(
            new HttpRequestException(HttpRequestError.ConnectionError, "refused")));
        await Assert.ThrowsAsync<MeshException>(() => Send(mesh));

        var line = Assert.Single(Lines);
        Assert.Equal("connect_failed", line["Reason"]);
        Assert.Equal("attempts", line["NotRetried"]);
        Assert.Equal(0, line["Status"]);
        Assert.Contains("connect_failed after", (string)line["Detail"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task NoEndpoint_IsTold_BeforeAndAfterTheServiceIsKnown()
    {
        var mesh = Mesh(endpoints: 0, configure: options =>
        {
            options.UnknownServices = UnknownServices.Fail;
            options.Discovery.FirstAnswerTimeout = TimeSpan.Zero;
        });
        await Assert.ThrowsAsync<MeshException>(() => Send(mesh));
        var line = Assert.Single(Lines);
        Assert.Equal("no_endpoints", line["Reason"]);
        Assert.Equal(0, line["Attempts"]);

        mesh.WithEndpoints(TestMesh.Endpoint("a", 1) with { Health = EndpointHealth.Maintenance });
        await Assert.ThrowsAsync<MeshException>(() => Send(mesh));
        Assert.Equal("no_endpoints", Lines[1]["Reason"]);
        Assert.Equal("-", Lines[1]["Endpoint"]);
    }

    [Fact]
    public async Task ACallerThatGivesUp_IsNoError()
    {
        var mesh = Mesh();
        mesh.Stubs.ThenHang();
        using var caller = new CancellationTokenSource();
        using var client = mesh.Invoker();
        var sending = client.SendAsync(TestMesh.Get(), caller.Token);
        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
        Assert.Empty(Lines);
    }

    [Fact]
    public async Task AFlood_LeavesTenLinesOfOneReasonASecond_AndACount()
    {
        var mesh = Mesh();
        mesh.Stubs.Always(_ => Task.FromResult(ScriptedTransports.Response(500)));
        for (var i = 0; i < 100; i++)
        {
            await Send(mesh, TestMesh.Post());
        }

        mesh.Stubs.Then(429);
        await Send(mesh);
        Assert.Equal(10, Lines.Count(line => Equals(line["Reason"], "server_error")));
        Assert.Single(Lines, line => Equals(line["Reason"], "overloaded"));

        _time.Advance(TimeSpan.FromSeconds(3));
        await Send(mesh, TestMesh.Post());
        Assert.EndsWith(" (and 90 more in the last 3 s)", Lines[^1].Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, 20)]
    [InlineData(0.5, 10)]
    [InlineData(0, 0)]
    public async Task All_TellsTheShareOfGoodCallsThatIsAskedFor(double sample, int expected)
    {
        var mesh = Mesh(configure: options =>
        {
            options.AccessLog.Mode = MeshAccessLogMode.All;
            options.AccessLog.Sample = sample;
            options.AccessLog.LinesPerSecond = 1000;
        });
        for (var i = 0; i < 20; i++)
        {
            await Send(mesh);
        }

        Assert.InRange(Lines.Length, expected - (expected % 20 / 2), expected + (expected % 20 / 2));
        Assert.All(Lines, line => Assert.Equal((LogLevel.Information, 200), (line.Level, line["Status"])));
    }

    [Fact]
    public async Task Off_TellsNothing()
    {
        var mesh = Mesh(configure: options => options.AccessLog.Mode = MeshAccessLogMode.Off);
        mesh.Stubs.Then(503);
        await Send(mesh, TestMesh.Post());
        Assert.Empty(Lines);
    }

    [Fact]
    public async Task AMethodOfNobody_IsNotTold()
    {
        var mesh = Mesh();
        mesh.Stubs.Then(500);
        await Send(mesh, new HttpRequestMessage(new HttpMethod("ANA-AT-EXAMPLE"), "http://orders/"));
        Assert.Equal("_OTHER", Assert.Single(Lines)["Method"]);
    }

    private TestMesh Mesh(int endpoints = 1, Action<MeshOptions>? configure = null)
    {
        _mesh = new TestMesh(_time, configure: configure, loggers: _loggers);
        return endpoints == 0 ? _mesh : _mesh.WithEndpoints(endpoints);
    }

    private static async Task Send(TestMesh mesh, HttpRequestMessage? request = null)
    {
        using var client = mesh.Invoker();
        using var response = await client.SendAsync(request ?? TestMesh.Get(), CancellationToken.None);
    }
}
