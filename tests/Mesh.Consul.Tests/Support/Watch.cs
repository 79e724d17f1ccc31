namespace Mesh.Consul.Tests;

/// <summary>A running watch on a scripted read, on a clock that only the test moves.</summary>
internal sealed class Watch : IAsyncDisposable
{
    /// <summary>Longer than any pause, so that time limits and pauses cannot be confused.</summary>
    public static readonly TimeSpan HangMargin = TimeSpan.FromMinutes(30);

    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    private Watch(ConsulClient client, FakeClock clock, BlockingQueryOptions options, Random random)
    {
        Clock = clock;
        var query = new BlockingQuery<string>(client, Read.ReadAsync, options, clock, random);
        _running = query.RunAsync(Observer, _stop.Token);
    }

    public FakeClock Clock { get; }

    public ScriptedRead Read { get; } = new();

    public RecordingObserver<string> Observer { get; } = new();

    public static Watch Start(
        BlockingQueryOptions? options = null,
        ConsulClient? client = null,
        FakeClock? clock = null,
        double random = 0.5)
    {
        clock ??= new FakeClock();
        return new Watch(
            client ?? Client(1),
            clock,
            (options ?? new BlockingQueryOptions()) with { HangMargin = HangMargin },
            new FixedRandom(random));
    }

    /// <summary>A client that is never asked anything: it only lends its slots.</summary>
    public static ConsulClient Client(int slots) =>
        new(new ConsulClientOptions { Address = "127.0.0.1:1", MaxBlockingQueries = slots });

    /// <summary>Answers the first read, so that the watch goes on to block.</summary>
    public async Task<Watch> AnsweredAsync(ulong index = 10, string value = "a")
    {
        (await Read.NextAsync()).Answer(index, value);
        Assert.Equal(BlockingQueryTransition.First, (await Observer.NextAsync()).Transition);
        return this;
    }

    /// <summary>Waits until the watch pauses and lets the pause pass.</summary>
    public async Task<TimeSpan> PassPauseAsync()
    {
        var pause = await Clock.NextPauseAsync(TimeSpan.FromSeconds(30));
        Clock.Advance(pause);
        return pause;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _running.WaitAsync(TimeSpan.FromSeconds(20)));
        _stop.Dispose();
    }
}
