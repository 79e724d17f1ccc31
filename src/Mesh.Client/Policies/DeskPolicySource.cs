using System.Text.Json;
using Mesh.Client.Pipeline;
using Mesh.Client.Telemetry;
using Mesh.Consul;
using Mesh.Policy;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Policies;

/// <summary>
/// Documents from the desk's stream. Connects, resumes and connects again by itself; says when the desk is there and
/// when it is lost. What a desk says is taken at its word only as far as <see cref="DeskView"/> allows.
/// </summary>
internal sealed class DeskPolicySource : IDisposable
{
    /// <summary>How often a desk sends something; three misses are a loss.</summary>
    public static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(10);

    /// <summary>How long a desk has to say the same before it is believed without a witness.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

    /// <summary>How long a desk may lag behind what is in force here before another is asked.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>First calls wait for the answer; others to new names come within this time, if they come together.</summary>
    private static readonly TimeSpan Burst = TimeSpan.FromMilliseconds(25);

    private static readonly TimeSpan BackoffBase = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan BackoffMax = TimeSpan.FromSeconds(15);

    private readonly DeskClient _desk;
    private readonly KvReader? _witness;
    private readonly PolicyStore _store;
    private readonly MeshInstruments _instruments;
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly ILogger _logger;
    private readonly DeskView _view;
    private readonly CancellationTokenSource _life = new();

    // Guards the connection, which a newly attached upstream restarts from another thread; it is cancelled outside.
    private readonly Lock _gate = new();
    private CancellationTokenSource? _connection;
    private IReadOnlyList<string> _asked = [];

    // Touched by the one reading loop only.
    private bool _doubted;
    private long _doubtedSince;

    /// <param name="desk">The desk.</param>
    /// <param name="witness">Consul KV, to tell older from newer; <see langword="null"/> without Consul.</param>
    /// <param name="store">Takes what is believed.</param>
    /// <param name="instruments">Counts failures.</param>
    /// <param name="time">The clock.</param>
    /// <param name="random">Jitter.</param>
    /// <param name="logger">Hears of the desk.</param>
    public DeskPolicySource(
        DeskClient desk,
        KvReader? witness,
        PolicyStore store,
        MeshInstruments instruments,
        TimeProvider time,
        Random random,
        ILogger<DeskPolicySource> logger)
    {
        (_desk, _witness, _store, _instruments) = (desk, witness, store, instruments);
        (_time, _random, _logger) = (time, random, logger);
        _view = new DeskView(NewestHere, store.IsSuperseded);
    }

    /// <summary>The desk answered, after start or after a loss.</summary>
    public event Action? Connected;

    /// <summary>The desk is lost, with the reason.</summary>
    public event Action<Exception>? Lost;

    public void Start() => _ = BackgroundWork.Keep(
        "policy stream", RunAsync, _time, _random, _logger, _life.Token);

    /// <summary>
    /// The set of upstreams changed: asks for their documents too, a moment later with others of the same burst.
    /// </summary>
    public void Refresh() => _ = BackgroundWork.Start("policy stream: refresh", RefreshAsync, _logger, _life.Token);

    public void Dispose()
    {
        _life.Cancel();
        _life.Dispose();
    }

    private async Task RefreshAsync(CancellationToken cancellationToken)
    {
        await Task.Delay(Burst, _time, cancellationToken).ConfigureAwait(false);
        CancellationTokenSource? connection;
        lock (_gate)
        {
            connection = _asked.SequenceEqual(_store.Services) ? null : _connection;
        }

        if (connection is not null)
        {
            // The loop may have ended this connection meanwhile: then its next one asks for the new upstreams anyway.
            await connection.CancelIfAliveAsync().ConfigureAwait(false);
        }
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        var failures = 0;
        while (true)
        {
            using var connection = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            lock (_gate)
            {
                (_connection, _asked) = (connection, _store.Services);
            }

            try
            {
                await ReadAsync(() => failures = 0, connection).ConfigureAwait(false);
                throw new IOException("The config server ended the stream.");
            }
            catch (OperationCanceledException) when (
                connection.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                // Other upstreams: connects again at once. Who answers then has to prove itself like anybody else.
            }
            catch (Exception error) when (!cancellationToken.IsCancellationRequested)
            {
                // Whatever it is, nothing comes from this desk now: another, or KV, has to step in.
                failures++;
                Lose(error);
                _desk.Next();
                await Task.Delay(Backoff(failures), _time, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                lock (_gate)
                {
                    _connection = null;
                }
            }
        }
    }

    private void Lose(Exception error)
    {
        if (error is not (HttpRequestException or IOException or JsonException or TimeoutException))
        {
            BackgroundWork.TellThatItGoesOn(_logger, "policy stream", error);
        }

        // Meter listeners and loggers are the application's, and may throw.
        BackgroundWork.Guard("policy stream: lost", () => Lost?.Invoke(error), _logger);
        BackgroundWork.Guard("policy stream: count", () => _instruments.PolicyUpdate("desk", "failed"), _logger);
    }

    /// <summary>
    /// Full jitter, doubling with each round of the replicas: a fleet that lost its desk does not come back, or move on, as
    /// one.
    /// </summary>
    private TimeSpan Backoff(int failures)
    {
        var most = BackoffBase * Math.Pow(2, Math.Min((failures - 1) / _desk.Replicas, 10));
        return (most < BackoffMax ? most : BackoffMax) * _random.NextDouble();
    }

    private async Task ReadAsync(Action heard, CancellationTokenSource connection)
    {
        var token = connection.Token;
        _view.Reconnected();
        var since = _time.GetTimestamp();
        var told = false;
        var events = _desk.StreamAsync(_asked, _view.Hash, token).GetAsyncEnumerator(token);
        await using (events.ConfigureAwait(false))
        {
            var next = events.MoveNextAsync().AsTask();
            while (await WaitAsync(next, connection).ConfigureAwait(false))
            {
                var message = events.Current;
                if (_view.Read(message) is { } problem)
                {
                    _view.Reset();
                    throw new IOException(problem);
                }

                heard();
                if (message.Type is PolicyEventType.Snapshot)
                {
                    since = _time.GetTimestamp();
                }

                await TakeAsync(_time.GetElapsedTime(since) >= Grace, token).ConfigureAwait(false);
                if (_view.IsProven && !told)
                {
                    // Not before: a desk that lags is no reason to stop reading KV.
                    told = true;
                    PolicyLog.DeskConnected(_logger, _desk.Address);
                    Connected?.Invoke();
                }

                LeaveIfItLags();
                next = events.MoveNextAsync().AsTask();
            }
        }
    }

    /// <summary>The next event, unless the desk falls silent.</summary>
    private async Task<bool> WaitAsync(Task<bool> next, CancellationTokenSource connection)
    {
        using var silence = new CancellationTokenSource(Heartbeat * 3, _time);
        var quiet = false;
        var end = silence.Token.UnsafeRegister(
            _ =>
            {
                quiet = true;
                connection.Cancel();
            },
            null);
        await using (end.ConfigureAwait(false))
        {
            try
            {
                return await next.ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (quiet)
            {
                throw new TimeoutException(
                    $"Nothing was heard for {(Heartbeat * 3).TotalSeconds:F0} s, not even a heartbeat.");
            }
        }
    }

    private async Task TakeAsync(bool graceOver, CancellationToken cancellationToken)
    {
        var asked = _store.Documents.Where(d => IsAsked(d.Key)).ToLookup(d => d.Value.Source, d => d.Key);
        var held = asked[PolicySource.Desk].Concat(asked[PolicySource.Kv]).ToArray();
        var verdict = _view.Judge(held, new Dictionary<PolicyKey, PolicyRevision?>(), graceOver: false);
        if (!verdict.IsProven)
        {
            var witnessed = await AskAsync(verdict.Doubted.Concat(verdict.Older), cancellationToken)
                .ConfigureAwait(false);
            var second = _view.Judge(held, witnessed, graceOver);
            verdict = second with { Take = [.. verdict.Take.Concat(second.Take).DistinctBy(t => t.Key)] };
        }

        if (!verdict.IsProven && !_doubted)
        {
            PolicyLog.DeskDoubted(_logger, _desk.Address, string.Join(", ", verdict.Doubted.Concat(verdict.Older)));
            _instruments.PolicyUpdate("desk", "doubted");
        }

        _doubtedSince = _doubted ? _doubtedSince : _time.GetTimestamp();
        _doubted = !verdict.IsProven;

        // The snapshot of an earlier run only stood in: what the desk does not know of it goes.
        var standIns = asked[PolicySource.Snapshot].Where(k => !_view.Contains(k)).ToLookup(IsOfSecurity);
        var (gone, unproven) = await ProveAsync(standIns[true], verdict, cancellationToken).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        PolicyKey[] drop = [.. verdict.Drop, .. standIns[false], .. gone];
        if (verdict.IsProven || verdict.Take.Count + drop.Length > 0)
        {
            // What is not believed is not even a sign of life.
            _store.Apply(PolicySource.Desk, verdict.Take, drop, _asked);
        }

        _store.Orphan(PolicySource.Desk, unproven, MeshReasons.Unproven);
        if (verdict.IsProven)
        {
            _store.End(_view.Expired);
        }
    }

    /// <summary>
    /// What is about security does not go because a desk does not list it, not even when it only stood in: the desk may be
    /// of an older version, or not see it. Only Consul's own word that there is none ends it.
    /// </summary>
    private async Task<(PolicyKey[] Gone, PolicyKey[] Unproven)> ProveAsync(
        IEnumerable<PolicyKey> keys, DeskVerdict verdict, CancellationToken cancellationToken)
    {
        var news = keys.Where(k => _store.Documents.GetValueOrDefault(k)?.Orphaned == false).ToArray();
        if (news.Length == 0 || !verdict.IsProven)
        {
            return ([], []);
        }

        var witnessed = await AskAsync(news, cancellationToken).ConfigureAwait(false);
        var gone = news.Where(k => witnessed.TryGetValue(k, out var truth) && truth is null).ToArray();
        return (gone, [.. news.Except(gone)]);
    }

    /// <summary>
    /// What a desk that lags does not know yet would not arrive here either: another replica may, or KV itself.
    /// </summary>
    private void LeaveIfItLags()
    {
        var doubted = _doubted ? _time.GetElapsedTime(_doubtedSince) : TimeSpan.Zero;
        if (doubted >= Patience && (_desk.Replicas > 1 || _witness is not null))
        {
            PolicyLog.DeskLags(_logger, _desk.Address, doubted.TotalSeconds);
            _doubted = false;
            throw new IOException($"It has said other things than Consul for {doubted.TotalSeconds:F0} s.");
        }
    }

    private static bool IsOfSecurity(PolicyKey key) => key.Kind == PolicyDocumentKind.Security;

    private bool IsAsked(PolicyKey key) => key.Scope != PolicyScope.Service || _asked.Contains(key.Name!);

    /// <summary>
    /// What an earlier run knew is no statement of this one: a desk need not prove itself against it.
    /// </summary>
    private PolicyRevision? NewestHere(PolicyKey key) =>
        _store.Documents.GetValueOrDefault(key) is { Source: PolicySource.Snapshot or PolicySource.Files }
            ? null
            : _store.NewestOf(key);

    private async Task<Dictionary<PolicyKey, PolicyRevision?>> AskAsync(
        IEnumerable<PolicyKey> keys, CancellationToken cancellationToken)
    {
        var witnessed = new Dictionary<PolicyKey, PolicyRevision?>();
        if (_witness is null)
        {
            return witnessed;
        }

        try
        {
            foreach (var key in keys)
            {
                var text = await _witness.ReadAsync(key, cancellationToken).ConfigureAwait(false);
                witnessed[key] = text?.Revision;
            }
        }
        catch (ConsulException)
        {
            // Consul cannot be asked now: what it did not say stays in doubt, until the next event or heartbeat.
            return witnessed;
        }

        return witnessed;
    }
}
