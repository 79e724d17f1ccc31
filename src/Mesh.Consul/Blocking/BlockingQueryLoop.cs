using Polly;
using Polly.Retry;

namespace Mesh.Consul;

/// <summary>
/// One run of a <see cref="BlockingQuery{T}"/>: ask, judge, hand on, pause, again. Strictly sequential.
/// </summary>
internal sealed class BlockingQueryLoop<T>
{
    /// <summary>How often a watch without a slot reads instead of blocking, give or take a fifth.</summary>
    private static readonly TimeSpan PollEvery = TimeSpan.FromSeconds(5);

    /// <summary>How long a slot is held while there are more watches than slots.</summary>
    private static readonly TimeSpan ContendedWait = TimeSpan.FromSeconds(10);

    private readonly BlockingSlots _slots;
    private readonly Func<ConsulQuery, CancellationToken, Task<ConsulResponse<T>>> _read;
    private readonly BlockingQueryOptions _options;
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly IBlockingQueryObserver<T> _observer;
    private readonly ResiliencePipeline _untilItWorks;
    private readonly IndexCursor _cursor = new();
    private readonly ReadPacer _pacer;
    private BlockingSlots.Ticket? _ticket;
    private bool _blockedBefore;
    private int? _fingerprint;
    private TimeSpan _pause;

    public BlockingQueryLoop(
        BlockingSlots slots,
        Func<ConsulQuery, CancellationToken, Task<ConsulResponse<T>>> read,
        BlockingQueryOptions options,
        TimeProvider time,
        Random random,
        IBlockingQueryObserver<T> observer)
    {
        _slots = slots;
        _read = read;
        _options = options;
        _time = time;
        _random = random;
        _observer = observer;
        _pacer = new ReadPacer(options.EffectivePaceMax, time, random);
        _untilItWorks = CreatePipeline();
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (!_options.Priority)
        {
            _slots.AddWatch();
        }

        try
        {
            while (true)
            {
                // A fresh execution starts with a fresh backoff: that is the reset after success.
                await _untilItWorks
                    .ExecuteAsync(static (loop, token) => loop.StepAsync(token), this, cancellationToken)
                    .ConfigureAwait(false);
                if (_pause > TimeSpan.Zero)
                {
                    await Task.Delay(_pause, _time, cancellationToken).ConfigureAwait(false);
                }

                cancellationToken.ThrowIfCancellationRequested();
            }
        }
        finally
        {
            LeaveSlots();
            if (!_options.Priority)
            {
                _slots.RemoveWatch();
            }
        }
    }

    private ResiliencePipeline CreatePipeline() =>
        new ResiliencePipelineBuilder { TimeProvider = _time }
            .AddRetry(new RetryStrategyOptions
            {
                MaxRetryAttempts = int.MaxValue,
                ShouldHandle = static arguments => ValueTask.FromResult(
                    arguments.Outcome.Exception is not null &&
                    !arguments.Context.CancellationToken.IsCancellationRequested),
                DelayGenerator = arguments => ValueTask.FromResult<TimeSpan?>(Backoff(arguments.AttemptNumber)),
                OnRetry = arguments =>
                {
                    Failed(arguments.Outcome.Exception!, arguments.AttemptNumber + 1);
                    return ValueTask.CompletedTask;
                },
            })
            .Build();

    /// <summary>
    /// Full jitter: anything up to a bound that doubles. Watches that failed together must not return together.
    /// </summary>
    private TimeSpan Backoff(int attempt)
    {
        var bound = _options.BackoffBase.TotalSeconds * Math.Pow(2, Math.Min(attempt, 30));
        return TimeSpan.FromSeconds(Math.Min(bound, _options.BackoffMax.TotalSeconds) * _random.NextDouble());
    }

    private void Failed(Exception error, int failures)
    {
        _cursor.Fail();
        LeaveSlots();
        try
        {
            _observer.OnFailure(error, failures);
        }
        catch (Exception)
        {
            // The watch outlives an observer that cannot even be told of a failure; there is nobody left to tell.
        }
    }

    private async ValueTask StepAsync(CancellationToken cancellationToken)
    {
        var asked = _cursor.Next;
        var (response, endedEarly) = asked == 0
            ? (await ReadNowAsync(cancellationToken).ConfigureAwait(false), false)
            : await ReadOnChangeAsync(asked, cancellationToken).ConfigureAwait(false);
        if (_cursor.Judge(response.Index) is not { } transition)
        {
            _pause = TimeSpan.Zero;
            return;
        }

        await _observer.OnResultAsync(response, transition).ConfigureAwait(false);
        _cursor.Accept(response.Index);
        if (endedEarly && response.Index == asked)
        {
            _cursor.ReadAgain();
        }

        _pause = PauseAfter(response, asked, endedEarly);
    }

    private TimeSpan PauseAfter(ConsulResponse<T> response, ulong asked, bool endedEarly)
    {
        var before = _fingerprint;
        _fingerprint = response.Fingerprint;
        var changed = response.Fingerprint is { } now ? now != before : response.Index != asked;
        return changed ? _pacer.AfterChange() : endedEarly ? _pacer.AfterIdleWakeUp() : TimeSpan.Zero;
    }

    private Task<ConsulResponse<T>> ReadNowAsync(CancellationToken cancellationToken) =>
        ReadAsync(
            new ConsulQuery
            {
                Consistency = _cursor.NextIsConsistent ? ConsulConsistency.Consistent : _options.Consistency,
                Datacenter = _options.Datacenter,
            },
            cancellationToken);

    private async Task<(ConsulResponse<T> Response, bool EndedEarly)> ReadOnChangeAsync(
        ulong index, CancellationToken cancellationToken)
    {
        if (!await HasSlotAsync(cancellationToken).ConfigureAwait(false))
        {
            return (await ReadNowAsync(cancellationToken).ConfigureAwait(false), false);
        }

        var wait = Wait();
        var started = _time.GetTimestamp();
        try
        {
            var query = new ConsulQuery
            {
                Index = index,
                Wait = wait,
                Consistency = _options.Consistency,
                Datacenter = _options.Datacenter,
            };
            var response = await ReadAsync(query, cancellationToken).ConfigureAwait(false);
            return (response, _time.GetElapsedTime(started) < wait * 0.9);
        }
        finally
        {
            LeaveSlots();
        }
    }

    /// <summary>
    /// The wait, up to a sixteenth shorter, so that watches that began together do not end together. The first one is a
    /// fifth at most and at random: after a start of a whole machine, connections then come free soon and one by one.
    /// </summary>
    private TimeSpan Wait()
    {
        var sharesSlots = !_options.Priority && _slots.IsContended;
        var wait = sharesSlots && ContendedWait < _options.Wait ? ContendedWait : _options.Wait;
        if (!_blockedBefore && !sharesSlots)
        {
            var first = wait * (0.02 + (0.18 * _random.NextDouble()));
            wait = first > TimeSpan.FromSeconds(1) ? first : TimeSpan.FromSeconds(1);
        }

        _blockedBefore = true;
        return wait - (wait / 16 * _random.NextDouble());
    }

    /// <summary>
    /// Waits for a slot, keeping the place in the queue from call to call, but never longer than a poll may be apart.
    /// </summary>
    private async ValueTask<bool> HasSlotAsync(CancellationToken cancellationToken)
    {
        if (_options.Priority)
        {
            return true;
        }

        _ticket ??= _slots.Enter();
        if (_ticket.Granted.IsCompleted)
        {
            return true;
        }

        try
        {
            var patience = PollEvery * (0.8 + (0.4 * _random.NextDouble()));
            await _ticket.Granted.WaitAsync(patience, _time, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private void LeaveSlots()
    {
        _ticket?.Dispose();
        _ticket = null;
    }

    private async Task<ConsulResponse<T>> ReadAsync(ConsulQuery query, CancellationToken cancellationToken)
    {
        var wait = query.Wait ?? TimeSpan.Zero;
        var limit = wait + (wait / 16) + _options.HangMargin;

        // The client keeps to the limit by itself, and gives the body its own. This one is for a read that does
        // neither.
        using var hung = new CancellationTokenSource(limit + ConsulSender.BodyTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(hung.Token, cancellationToken);
        try
        {
            return await _read(query with { Timeout = limit }, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e)
            when (hung.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new ConsulException(
                $"Consul was asked to answer within {wait.TotalSeconds:0.#} s and had not done so after " +
                $"{(limit + ConsulSender.BodyTimeout).TotalSeconds:0.#} s; the read is given up.",
                inner: e);
        }
    }
}
