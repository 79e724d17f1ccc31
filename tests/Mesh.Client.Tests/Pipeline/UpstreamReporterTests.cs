using Mesh.Client.Attempts;
using Mesh.Client.Discovery;
using Mesh.Client.Outliers;
using Mesh.Client.Pipeline;
using Mesh.Client.Tests.Support;
using Mesh.Policy;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Tests.Pipeline;

public sealed class UpstreamReporterTests : IDisposable
{
    private const int Ejected = 3000;
    private const int Withheld = 3001;
    private const int Readmitted = 3002;
    private const int PanicBegan = 3003;
    private const int PanicEnded = 3004;
    private const int Suspected = 3005;
    private const int Trusted = 3006;
    private const int PanicGoesOn = 3007;
    private const int Switches = 3008;
    private const int SwitchesBack = 3009;

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
    public void Logger_Throws_NeitherCallsNorTimersFeelIt()
    {
        using var loggers = new ThrowingLoggers();
        using var mesh = new UpstreamFixture(loggers: loggers);
        mesh.With("a", "b");

        mesh.Answer(mesh["a"], AttemptOutcome.ConnectFailed, times: 3);
        var told = loggers.Lines;
        mesh.Time.Advance(TimeSpan.FromMinutes(2));

        Assert.True(told > 0);
        Assert.NotEqual(EjectionPhase.Ejected, mesh["a"].Outlier.Phase);
    }

    [Fact]
    public void MeterListener_Throws_NeitherCallsNorTimersFeelIt()
    {
        using var mesh = new UpstreamFixture();
        using var listener = new System.Diagnostics.Metrics.MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Name == MeshTelemetry.EndpointEjections)
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        var heard = 0;
        listener.SetMeasurementEventCallback<long>((_, _, _, _) =>
        {
            heard++;
            throw new InvalidOperationException("This listener throws.");
        });
        listener.Start();
        mesh.With("a", "b");

        mesh.Answer(mesh["a"], AttemptOutcome.ConnectFailed, times: 3);

        Assert.True(heard > 0);
        Assert.Equal(EjectionPhase.Ejected, mesh["a"].Outlier.Phase);
    }

    [Fact]
    public void Timer_ThatThrows_IsLoggedAndDoesNotEndTheProcess()
    {
        var logger = _loggers.CreateLogger("timer");
        using var timer = BackgroundWork.CreateTimer(
            _mesh.Time, () => throw new InvalidOperationException("A defect."), logger);

        timer.Change(TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);
        _mesh.Time.Advance(TimeSpan.FromSeconds(2));

        Assert.Single(_log.Of(4900));
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

    [Fact]
    public void Panic_ThatLasts_IsLoggedOnceAMinute()
    {
        _mesh.With(UpstreamFixture.Info("a", health: EndpointHealth.Critical));
        _mesh.Time.Advance(TimeSpan.FromSeconds(59));
        Assert.Empty(_log.Of(PanicGoesOn));

        _mesh.Time.Advance(TimeSpan.FromSeconds(121));
        Assert.Equal(3, _log.Of(PanicGoesOn).Length);
        Assert.Contains("for 180 s: 0 of 1", _log.Of(PanicGoesOn)[^1], StringComparison.Ordinal);

        _mesh.With("a");
        _mesh.Time.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(3, _log.Of(PanicGoesOn).Length);
    }

    [Fact]
    public void ManyEjectionsAtOnce_AreTenLinesASecond_AndACount()
    {
        _mesh.WithPolicy(p => p with { Outlier = p.Outlier with { MaxEjected = 1 } });
        _mesh.With([.. Enumerable.Range(0, 100).Select(i => $"e{i:000}")]);
        foreach (var endpoint in _mesh.Upstream.Endpoints)
        {
            _mesh.Answer(endpoint, AttemptOutcome.Reset, times: 5);
        }

        var ejected = _mesh.Meters.Count(MeshTelemetry.EndpointEjections);
        Assert.True(ejected > 50, $"{ejected} were ejected");
        Assert.Equal(10, _log.Of(Ejected).Length);
    }

    [Fact]
    public void Suspicion_IsLoggedWithItsReason_AndItsEnd()
    {
        _mesh.With("a", "b");
        _mesh["a"].MarkSuspect(MeshReasons.Draining);
        _mesh["a"].MarkSuspect(MeshReasons.Draining);
        Assert.Contains("(draining)", Assert.Single(_log.Of(Suspected)), StringComparison.Ordinal);

        _mesh.Time.Advance(TimeSpan.FromMilliseconds(1));
        _mesh.Answer(_mesh["a"], AttemptOutcome.Success, times: 5);
        Assert.Single(_log.Of(Trusted));
    }

    [Fact]
    public void Switches_AreLoggedWhenTheyAreThrownAndTakenBack()
    {
        _mesh.Upstream.ApplySwitches(new SwitchState(Bypass: false, Mechanisms.Retry | Mechanisms.Eject));
        _mesh.Upstream.ApplySwitches(new SwitchState(Bypass: false, Mechanisms.Retry | Mechanisms.Eject));
        Assert.Contains("off: retry, eject", Assert.Single(_log.Of(Switches)), StringComparison.Ordinal);
        Assert.Empty(_log.Of(SwitchesBack));

        _mesh.Upstream.ApplySwitches(SwitchState.None);
        Assert.Single(_log.Of(SwitchesBack));
    }
}
