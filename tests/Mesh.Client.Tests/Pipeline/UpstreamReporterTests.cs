using Mesh.Client.Attempts;
using Mesh.Client.Discovery;
using Mesh.Client.Tests.Support;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Tests.Pipeline;

public sealed class UpstreamReporterTests : IDisposable
{
    private const int Ejected = 3000;
    private const int Withheld = 3001;
    private const int Readmitted = 3002;
    private const int PanicBegan = 3003;
    private const int PanicEnded = 3004;

    private readonly LogCollector _log = new();
    private readonly ILoggerFactory _loggers;
    private readonly UpstreamFixture _mesh;

    public UpstreamReporterTests()
    {
        _loggers = LoggerFactory.Create(logging => logging.AddProvider(_log));
        _mesh = new UpstreamFixture(loggers: _loggers);
    }

    public void Dispose()
    {
        _mesh.Dispose();
        _loggers.Dispose();
        _log.Dispose();
    }

    [Fact]
    public void Ejection_IsLoggedWithEndpointReasonAndLength()
    {
        _mesh.With("a", "b");
        _mesh.Answer(_mesh["a"], AttemptOutcome.ConnectFailed, times: 3);

        var line = Assert.Single(_log.Of(Ejected));
        Assert.Contains("a (10.0.0.1:1097) of orders", line, StringComparison.Ordinal);
        Assert.Contains("connect_failures", line, StringComparison.Ordinal);
        Assert.Contains("1 of 2", line, StringComparison.Ordinal);
    }

    [Fact]
    public void WithheldEjections_OfAWholeService_AreLoggedOnceAndCountedOnceASecond()
    {
        _mesh.With("a", "b", "c", "d");
        foreach (var endpoint in _mesh.Upstream.Endpoints)
        {
            _mesh.Answer(endpoint, AttemptOutcome.Reset, times: 500);
        }

        Assert.Single(_log.Of(Ejected));
        Assert.Single(_log.Of(Withheld));
        Assert.Equal(3, _mesh.Meters.Count(MeshTelemetry.EjectionsWithheld));

        _mesh.Time.Advance(TimeSpan.FromSeconds(2));
        _mesh.Answer(_mesh["b"], AttemptOutcome.Reset, times: 500);
        Assert.Equal(4, _mesh.Meters.Count(MeshTelemetry.EjectionsWithheld));
        Assert.Single(_log.Of(Withheld));
    }

    [Fact]
    public void Return_IsLogged()
    {
        _mesh.With("a", "b");
        _mesh.Answer(_mesh["a"], AttemptOutcome.Reset, times: 5);
        _mesh.Time.Advance(TimeSpan.FromSeconds(40));
        _mesh.Answer(_mesh.Pick()!, AttemptOutcome.Success);

        Assert.Single(_log.Of(Readmitted));
    }

    [Fact]
    public void Panic_IsLoggedAsAnErrorWhenItBeginsAndOnceWhenItEnds()
    {
        _mesh.With(UpstreamFixture.Info("a", health: EndpointHealth.Critical));
        _mesh.With(UpstreamFixture.Info("a", health: EndpointHealth.Critical));

        Assert.Contains("only 0 of 1", Assert.Single(_log.Of(PanicBegan)), StringComparison.Ordinal);
        Assert.Equal(LogLevel.Error, _log.Entries.Single(e => e.Event.Id == PanicBegan).Level);
        Assert.Empty(_log.Of(PanicEnded));

        _mesh.With("a");
        Assert.Single(_log.Of(PanicEnded));
    }
}
