using Mesh.Client.Security;
using Mesh.Client.Telemetry;
using Mesh.Client.Tests.Support;
using Mesh.Testing;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Tests.Security;

/// <summary>A keeper with its source, its log and its metrics.</summary>
internal sealed class KeeperBench : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);

    private int _changes;

    public KeeperBench(
        Func<ILogger, IIdentitySource> source, TimeProvider time, bool isExpected = true, Random? random = null)
    {
        var logger = Logs.CreateLogger("Mesh.Client.IMeshIdentity");
        Keeper = new IdentityKeeper(source(logger), isExpected, time, new MeshInstruments(Meters), logger);
        Keeper.Changed += () => Interlocked.Increment(ref _changes);
        Keeper.Start(random ?? new SeededRandom(1));
    }

    public IdentityKeeper Keeper { get; }

    /// <summary>
    /// How many timers are armed when nothing is going on: the keeper's, and one of whoever looks again and again.
    /// <see langword="null"/>: nobody can say, because others are asked.
    /// </summary>
    public int? Timers { get; init; } = 2;

    public LogCollector Logs { get; } = new();

    public TestMeters Meters { get; } = new TestMeters().Listen();

    public int Changes => Volatile.Read(ref _changes);

    public string Said => string.Join('\n', Logs.Entries.Select(e => $"{e.Event.Id} {e.Text}"));

    public Task BecomesAsync(Func<bool> condition) => Eventually.BecomesAsync(
        condition, () => $"{Keeper.Status}; {Keeper.Current?.Id}; {Said}");

    /// <summary>
    /// Lets time pass in steps until it happened, each with real time for what it sets off: until all wait on the clock
    /// again, or, where somebody else's answer is waited for, a moment.
    /// </summary>
    public async Task PassAsync(ManualTimeProvider time, TimeSpan step, Func<bool> happened, int atMost = 400)
    {
        for (var i = 0; !happened(); i++)
        {
            Assert.True(i < atMost, $"Nothing happened in {step * atMost}: {Keeper.Status}; {Said}");
            if (Timers is { } timers)
            {
                await time.WhenArmedAsync(timers).WaitAsync(Patience);
                time.Advance(step);
                await time.WhenArmedAsync(timers).WaitAsync(Patience);
                continue;
            }

            time.Advance(step);
            for (var wait = 0; wait < 20 && !happened(); wait++)
            {
                await Task.Delay(5);
            }
        }
    }

    public void Dispose()
    {
        Keeper.Dispose();
        Meters.Dispose();
    }
}
