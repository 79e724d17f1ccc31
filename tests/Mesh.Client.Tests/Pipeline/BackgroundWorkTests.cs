using Mesh.Client.Pipeline;
using Mesh.Client.Tests.Support;
using Mesh.Testing;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Tests.Pipeline;

public sealed class BackgroundWorkTests : IDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly CancellationTokenSource _life = new();
    private readonly LogCollector _log = new();
    private int _rounds;

    public void Dispose() => _life.Dispose();

    [Fact]
    public async Task Keep_WorkThrows_IsBegunAnewAfterAPauseAndTold()
    {
        using var logger = new LoggerFactory([_log]);
        var started = _time.GetUtcNow();
        var kept = Keep(logger.CreateLogger("test"));

        await RoundsBecomeAsync(3);
        await Eventually.BecomesAsync(() => _log.Of(4901).Length == 3, () => "Not told of every round.");
        Assert.True(_time.GetUtcNow() - started >= TimeSpan.FromSeconds(1.5), "Without a pause.");

        await _life.CancelAsync();
        await kept.WaitAsync(TimeSpan.FromSeconds(40));
    }

    [Fact]
    public async Task Keep_WorkAndLoggerThrow_GoesOn()
    {
        using var loggers = new ThrowingLoggers();
        var kept = Keep(loggers);

        await RoundsBecomeAsync(5);

        Assert.True(loggers.Lines >= 4);
        await _life.CancelAsync();
        await kept.WaitAsync(TimeSpan.FromSeconds(40));
    }

    [Fact]
    public async Task Keep_WorkEnds_Ends()
    {
        using var loggers = new ThrowingLoggers();

        await BackgroundWork.Keep("test", _ => Task.CompletedTask, _time, new SeededRandom(1), loggers, _life.Token)
            .WaitAsync(TimeSpan.FromSeconds(40));

        Assert.Equal(0, loggers.Lines);
    }

    private Task Keep(ILogger logger) => BackgroundWork.Keep(
        "test",
        _ =>
        {
            Interlocked.Increment(ref _rounds);
            throw new InvalidOperationException("Nobody expected this.");
        },
        _time,
        new SeededRandom(1),
        logger,
        _life.Token);

    private Task RoundsBecomeAsync(int rounds) => Eventually.BecomesAsync(
        () =>
        {
            if (Volatile.Read(ref _rounds) >= rounds)
            {
                return true;
            }

            _time.Advance(TimeSpan.FromMilliseconds(100));
            return false;
        },
        () => $"{_rounds} rounds.");
}
