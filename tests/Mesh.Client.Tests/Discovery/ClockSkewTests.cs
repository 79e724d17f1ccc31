using Mesh.Client.Discovery;
using Mesh.Client.Tests.Support;
using Mesh.Testing;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Tests.Discovery;

public sealed class ClockSkewTests : IDisposable
{
    private const int Far = 1020;
    private const int Back = 1021;

    private readonly ManualTimeProvider _time = new();
    private readonly LogCollector _log = new();
    private readonly ClockSkew _skew;

    public ClockSkewTests() => _skew = new ClockSkew(_time, _log.CreateLogger("t"));

    public void Dispose() => _log.Dispose();

    [Fact]
    public void Value_IsAheadOfTheDate_ExactToHalfASecond()
    {
        Assert.Null(_skew.Value);
        _skew.Observe(null);
        Assert.Null(_skew.Value);

        Observe(TimeSpan.FromSeconds(3));
        Assert.InRange(_skew.Value!.Value.TotalSeconds, 2.5, 3.5);
        Observe(TimeSpan.FromHours(-1));
        Assert.InRange(_skew.Value!.Value.TotalSeconds, -3600.5, -3599.5);
    }

    [Theory]
    [InlineData(7)]
    [InlineData(-7)]
    public void ASkewAboveTheLimit_IsToldOnce_AndOnceWhenItIsOver_AndAgainTheNextTime(int seconds)
    {
        for (var round = 1; round <= 2; round++)
        {
            for (var i = 0; i < 3; i++)
            {
                Observe(TimeSpan.FromSeconds(seconds));
            }

            Assert.Equal(round, _log.Of(Far).Length);
            for (var i = 0; i < 3; i++)
            {
                Observe(TimeSpan.Zero);
            }

            Assert.Equal(round, _log.Of(Back).Length);
        }

        Assert.Equal(LogLevel.Warning, _log.Entries.First().Level);
    }

    [Fact]
    public void OneLateReading_IsNoSkew()
    {
        Observe(TimeSpan.Zero);
        Observe(TimeSpan.FromSeconds(20));
        Observe(TimeSpan.Zero);
        Assert.Empty(_log.Entries);
    }

    private void Observe(TimeSpan ahead)
    {
        var date = _time.GetUtcNow() - ahead;
        _skew.Observe(new DateTimeOffset(date.Ticks - (date.Ticks % TimeSpan.TicksPerSecond), TimeSpan.Zero));
    }
}
