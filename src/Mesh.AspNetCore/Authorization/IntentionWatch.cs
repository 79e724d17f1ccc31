using System.Diagnostics;
using Mesh.Client;
using Mesh.Client.Discovery;
using Mesh.Client.Pipeline;
using Mesh.Consul;
using Microsoft.Extensions.Logging;

namespace Mesh.AspNetCore.Authorization;

/// <summary>
/// Keeps the intentions about calls of this service in step with Consul. Whatever goes wrong, the last good ones stay in
/// force: those of an earlier run, from the disk, until Consul first answers.
/// </summary>
internal sealed partial class IntentionWatch : IBlockingQueryObserver<Intention[]>, IDisposable
{
    /// <summary>How long requests may wait for the first answer.</summary>
    private static readonly TimeSpan FirstWord = TimeSpan.FromSeconds(2);

    /// <summary>How long trouble is not repeated.</summary>
    private static readonly TimeSpan Repeat = TimeSpan.FromMinutes(1);

    private readonly ConsulClient _client;
    private readonly string _service;
    private readonly string? _datacenter;
    private readonly IMeshIdentity _identity;
    private readonly SnapshotStore _snapshot;
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly ILogger _logger;
    private readonly DefaultVerdict _default;
    private readonly CancellationTokenSource _life = new();

    // Kept, because an answer may come in while this is disposed.
    private readonly CancellationToken _end;
    private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Guards the fields below: the query and the confirmation of a loss run on different threads. No I/O under it.
    private readonly Lock _gate = new();
    private readonly IntentionBelief _belief = new();
    private bool? _defaultAllows;
    private string? _trustDomain;
    private long? _askedAt;
    private long _saidAt;
    private bool _lost;
    private bool _confirming;
    private bool _started;
    private long _heardAt;
    private volatile IntentionView? _view;

    public IntentionWatch(
        ConsulClient client,
        string service,
        string? datacenter,
        IMeshIdentity identity,
        SnapshotStore snapshot,
        TimeProvider time,
        Random random,
        ILogger<IntentionWatch> logger)
    {
        (_client, _service, _datacenter, _identity) = (client, service, datacenter, identity);
        (_snapshot, _time, _random, _logger) = (snapshot, time, random, logger);
        _default = new DefaultVerdict(client, service, random);
        _end = _life.Token;
    }

    /// <summary>Since the registry last said something new; <see langword="null"/> before its first answer.</summary>
    public TimeSpan? Age => Interlocked.Read(ref _heardAt) is var at && at != 0 ? _time.GetElapsedTime(at) : null;

    /// <summary>What is in force; <see langword="null"/> before anything is known.</summary>
    public IntentionView? View => _view;

    public bool IsStarted
    {
        get
        {
            lock (_gate)
            {
                return _started;
            }
        }
    }

    /// <summary>Ends when something is known, or when it took too long.</summary>
    public Task FirstAnswer => _first.Task;

    /// <summary><see cref="View"/> was replaced, or nobody waits for it any more. Raised outside of the lock.</summary>
    public event Action? Changed;

    /// <summary>
    /// What an earlier run knew is in force until Consul answers; harmless the second time. Reads a file the first time.
    /// </summary>
    public void Recall()
    {
        if (_snapshot.FindIntentions() is not { } remembered)
        {
            return;
        }

        lock (_gate)
        {
            if (_view is not null)
            {
                return;
            }

            _belief.Restore(remembered);
            (_defaultAllows, _trustDomain) = (remembered.DefaultAllows, remembered.TrustDomain);
            _view = new IntentionView([.. _belief.InForce], _defaultAllows, IsFromSnapshot: true, _belief.Orphans);
        }

        _first.TrySetResult();
        Changed?.Invoke();
        AuthorizationLog.FromSnapshot(_logger, remembered.Intentions.Length);
    }

    /// <summary>Begins to watch; harmless when it already does.</summary>
    public void Start()
    {
        lock (_gate)
        {
            if (_started)
            {
                return;
            }

            _started = true;
        }

        Recall();

        // The leader's word: what one server has not heard yet would come a minute later.
        var options = new BlockingQueryOptions
        {
            Priority = true,
            Datacenter = _datacenter,
            Consistency = ConsulConsistency.Default,
        };
        var query = new BlockingQuery<Intention[]>(
            _client, (q, ct) => _client.GetIntentionsToAsync(_service, q, ct), options, _time, _random);
        _ = BackgroundWork.Keep("intention watch", ct => query.RunAsync(this, ct), _time, _random, _logger, _end);
        _ = BackgroundWork.Start("first word about intentions", PatienceAsync, _logger, _end);
    }

    public async ValueTask OnResultAsync(ConsulResponse<Intention[]> response, BlockingQueryTransition transition)
    {
        bool losesAll;
        bool waits;
        lock (_gate)
        {
            (losesAll, waits) = (_belief.LosesAll(response), _confirming);
        }

        // A configuration entry was deleted, or so it seems: the leader's word counts, and whether the token still sees.
        var isConfirmed = losesAll && !waits && transition == BlockingQueryTransition.None &&
            await FindGoneAsync(_end).ConfigureAwait(false) is not null;
        Apply(response, transition, isConfirmed);
        if (losesAll && !isConfirmed && transition != BlockingQueryTransition.IndexRegressed)
        {
            ConfirmLater();
        }

        Interlocked.Exchange(ref _heardAt, _time.GetTimestamp());
        await AskDefaultAsync().ConfigureAwait(false);
        if (_first.TrySetResult())
        {
            Changed?.Invoke();
        }
    }

    public void OnFailure(Exception error, int failures)
    {
        lock (_gate)
        {
            var first = !_lost;
            _lost = true;
            if (!first && _time.GetElapsedTime(_saidAt) < Repeat)
            {
                return;
            }

            _saidAt = _time.GetTimestamp();
        }

        if (error is ConsulException { IsPermissionDenied: true })
        {
            AuthorizationLog.Refused(_logger, error.Message);
        }
        else
        {
            AuthorizationLog.Lost(_logger, error.Message);
        }
    }

    public void Dispose()
    {
        _life.Cancel();
        _life.Dispose();
    }

    private void Apply(ConsulResponse<Intention[]> response, BlockingQueryTransition transition, bool isConfirmed)
    {
        bool changed;
        bool wasLost;
        int orphans;
        lock (_gate)
        {
            var before = _belief.Orphans;
            changed = _belief.Apply(response, transition, isConfirmed) || _view is null or { IsFromSnapshot: true };
            orphans = _belief.Orphans > before ? _belief.Orphans : 0;
            (wasLost, _lost) = (_lost, false);
            if (changed)
            {
                // The default may hang on what is there: an intention about all callers hides it.
                _askedAt = null;
                PublishLocked();
            }

            RecordLocked(changed);
        }

        // Before anything is said: loggers are the application's and may throw, and the next answer would be no change.
        if (changed)
        {
            Changed?.Invoke();
        }

        if (orphans > 0)
        {
            AuthorizationLog.Orphaned(_logger, orphans);
        }

        if (wasLost)
        {
            AuthorizationLog.Back(_logger);
        }
    }

    private void PublishLocked()
    {
        Debug.Assert(_gate.IsHeldByCurrentThread);
        _view = new IntentionView([.. _belief.InForce], _defaultAllows, IsFromSnapshot: false, _belief.Orphans);
    }

    private void RecordLocked(bool changed)
    {
        Debug.Assert(_gate.IsHeldByCurrentThread);
        _trustDomain ??= _identity.Current?.TrustDomain;
        _snapshot.RecordIntentions(
            new SnapshotIntentions(
                _time.GetUtcNow(), _belief.Index, _trustDomain, _defaultAllows, _belief.ToSnapshot()),
            changed);
    }

    /// <summary>Requests wait for the first answer, but not for ever.</summary>
    private async Task PatienceAsync(CancellationToken cancellationToken)
    {
        await Task.Delay(FirstWord, _time, cancellationToken).ConfigureAwait(false);
        if (_first.TrySetResult())
        {
            Changed?.Invoke();
            AuthorizationLog.NoFirstWord(_logger, FirstWord.TotalSeconds);
        }
    }
}
